// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.data.Shard;
import org.precordia.model.Conditioning;
import org.precordia.model.ModelFile;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;
import org.precordia.model.Standardisation;
import org.precordia.model.TensorFileException;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.MetricsRow;
import org.precordia.signal.Preprocessing;

/** Whole runs on a small cohort: what they leave behind, and that they can be stopped anywhere. */
class TrainerTest {
  @TempDir static Path folder;

  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    shard = TrainingShard.prepare(folder, 60);
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  private static Recipe joint() {
    return TrainingShard.small(Recipe.joint(), 16, 5, 2);
  }

  private static Recipe twoStage() {
    return TrainingShard.small(Recipe.twoStage(), 16, 4, 2);
  }

  private static Context context(int threads) {
    return Context.open(TestBackend.select(), ContextOptions.DEFAULT.withThreads(threads));
  }

  private static TrainingResult train(Recipe recipe, TrainingOptions options, Path run, int threads)
      throws IOException {
    try (Context context = context(threads)) {
      return Trainer.create(context, shard, recipe, options, run, TrainingListener.SILENT).run();
    }
  }

  /** How late a device tells of its steps; the CPU does not by itself. */
  private static int lateness() {
    try (Context context = context(1)) {
      return MetricsReader.interval(context);
    }
  }

  /**
   * Stops a run when it tells of some steps, then goes on with it until it ends.
   *
   * @param late steps from one telling to the next
   */
  private static void trainInPieces(
      Recipe recipe, TrainingOptions options, Path run, int late, int... stops) throws IOException {
    for (int piece = 0; piece <= stops.length; piece++) {
      int stop = piece < stops.length ? stops[piece] : Integer.MAX_VALUE;
      Trainer[] trainer = new Trainer[1];
      TrainingListener stopper =
          new TrainingListener() {
            @Override
            public void step(Step step) {
              if (step.step() >= stop) {
                trainer[0].requestStop();
              }
            }
          };
      try (Context context = context(2)) {
        trainer[0] =
            piece == 0
                ? Trainer.create(context, shard, recipe, options, run, stopper)
                : Trainer.resume(context, shard, run, stopper);
        TrainingResult result = trainer[0].readMetricsEvery(late).run();
        assertEquals(stop == Integer.MAX_VALUE, result.completed());
      }
    }
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void aRunLeavesModelMetricsAndConfiguration() throws IOException {
    Path run = folder.resolve("complete");
    TrainingResult result = train(joint(), TrainingShard.narrow().build(), run, 2);
    assertTrue(result.completed());
    assertEquals(10, result.steps());
    ModelFile model = ModelFile.read(result.model());
    assertEquals(shard.rate(), model.metadata().rate());
    assertEquals(joint(), Recipe.ofJson(model.metadata().recipe()));
    List<JsonNode> metrics = lines(run.resolve("metrics.jsonl"));
    assertEquals(10, metrics.size());
    for (int i = 0; i < metrics.size(); i++) {
      JsonNode line = metrics.get(i);
      assertEquals(i + 1, line.get("step").asLong());
      assertTrue(line.get("loss").asDouble() > 0);
      assertTrue(line.get("gradient_norm").asDouble() > 0);
      assertTrue(line.get("anchors").asInt() > 0);
      assertEquals(
          line.get("reconstruction").asDouble()
              + 0.01 * line.get("contrastive").asDouble()
              + 0.01 * line.get("classifier").asDouble(),
          line.get("loss").asDouble(),
          1e-6);
    }
    assertEquals(2, lines(run.resolve("validations.jsonl")).size());
    JsonNode config = new ObjectMapper().readTree(run.resolve("config.json").toFile());
    assertEquals("joint", config.get("recipe").get("name").asText());
    assertEquals(shard.fingerprint(), config.get("fingerprint").asText());
  }

  @Test
  void aStoppedRunGoesOnBitForBit() throws IOException {
    TrainingOptions options = TrainingShard.narrow().checkpointEvery(3).build();
    Path whole = folder.resolve("joint-whole");
    Path pieces = folder.resolve("joint-pieces");
    train(joint(), options, whole, 2);
    trainInPieces(joint(), options, pieces, lateness(), 2, 5, 7);
    assertSameRun(whole, pieces);
  }

  @Test
  void aRunInShuffledBlocksGoesOnBitForBit() throws IOException {
    try (Shard parts = TrainingShard.prepareParts(folder, 60, 100_000)) {
      TrainingOptions options =
          TrainingShard.narrow().order(ReadingOrder.BLOCKS).checkpointEvery(3).build();
      Path whole = folder.resolve("blocks-whole");
      Path pieces = folder.resolve("blocks-pieces");
      train(parts, joint(), options, whole);
      // Ends in the middle of an epoch, and of a pool.
      for (int stop : new int[] {2, 5, 7, Integer.MAX_VALUE}) {
        try (Context context = context(2)) {
          StopAt listener = new StopAt(stop);
          listener.trainer =
              Files.exists(pieces)
                  ? Trainer.resume(context, parts, pieces, listener)
                  : Trainer.create(context, parts, joint(), options, pieces, listener);
          listener.trainer.run();
          assertTrue(listener.said.toString().contains("in shuffled blocks"), "" + listener.said);
        }
      }
      assertSameRun(whole, pieces);
    }
  }

  private static void train(Shard data, Recipe recipe, TrainingOptions options, Path run)
      throws IOException {
    try (Context context = context(2)) {
      Trainer.create(context, data, recipe, options, run, TrainingListener.SILENT).run();
    }
  }

  private static final class StopAt implements TrainingListener {
    private final long step;
    private final List<String> said = new ArrayList<>();
    private Trainer trainer;

    StopAt(long step) {
      this.step = step;
    }

    @Override
    public void step(Step done) {
      if (done.step() == step) {
        trainer.requestStop();
      }
    }

    @Override
    public void message(String text) {
      said.add(text);
    }
  }

  @Test
  void twoStagesGoOnBitForBit() throws IOException {
    TrainingOptions options = TrainingShard.narrow().build();
    Path whole = folder.resolve("two-whole");
    Path pieces = folder.resolve("two-pieces");
    train(twoStage(), options, whole, 2);
    trainInPieces(twoStage(), options, pieces, lateness(), 1, 4, 8, 11);
    assertSameRun(whole, pieces);
  }

  @Test
  void aStopThatIsAskedForLateEndsTheRunWhereItIs() throws IOException {
    TrainingOptions options = TrainingShard.narrow().checkpointEvery(3).build();
    Path whole = folder.resolve("late-whole");
    train(joint(), options, whole, 2);
    // Epochs have five steps. Every second step: in the middle of an epoch, at a checkpoint and at
    // an epoch's end. Beyond an epoch: where all steps are done, but the last epoch not validated.
    for (int late : new int[] {2, 16}) {
      Path pieces = folder.resolve("late-pieces-" + late);
      trainInPieces(joint(), options, pieces, late, 2, 5, 7);
      assertSameRun(whole, pieces);
    }
    assertEquals(2, lines(folder.resolve("late-pieces-16").resolve("validations.jsonl")).size());
  }

  private static void assertSameRun(Path expected, Path actual) throws IOException {
    assertArrayEquals(
        ModelFile.read(expected.resolve("model.safetensors")).parameters(),
        ModelFile.read(actual.resolve("model.safetensors")).parameters());
    List<JsonNode> first = lines(expected.resolve("metrics.jsonl"));
    List<JsonNode> second = lines(actual.resolve("metrics.jsonl"));
    assertEquals(first.size(), second.size());
    for (int i = 0; i < first.size(); i++) {
      for (String field : List.of("step", "stage", "epoch", "loss", "rate", "gradient_norm")) {
        assertEquals(first.get(i).get(field), second.get(i).get(field), field + " of line " + i);
      }
    }
  }

  @Test
  void aCrashLosesNothingBeforeItsCheckpoint() throws IOException {
    TrainingOptions options = TrainingShard.narrow().checkpointEvery(3).build();
    Path whole = folder.resolve("crash-whole");
    Path crashed = folder.resolve("crash-pieces");
    train(joint(), options, whole, 1);
    try (Context context = context(1)) {
      Trainer trainer =
          Trainer.create(
              context,
              shard,
              joint(),
              options,
              crashed,
              new TrainingListener() {
                @Override
                public void step(Step step) {
                  if (step.step() == 8) {
                    throw new IllegalStateException("the power failed");
                  }
                }
              });
      assertThrows(IllegalStateException.class, trainer::run);
    }
    // What a killed process leaves: lines beyond the checkpoint, the last one cut short.
    Files.writeString(
        crashed.resolve("metrics.jsonl"), "{\"step\":9,\"lo", StandardOpenOption.APPEND);
    try (Context context = context(1)) {
      Trainer.resume(context, shard, crashed, TrainingListener.SILENT).run();
    }
    assertSameRun(whole, crashed);
  }

  @Test
  void threadsChangeNothing() throws IOException {
    TrainingOptions options = TrainingShard.narrow().build();
    Path one = folder.resolve("one-thread");
    Path two = folder.resolve("two-threads");
    train(joint(), options, one, 1);
    train(joint(), options, two, 2);
    assertSameRun(one, two);
  }

  @Test
  void theSecondStageFreezesThePathologyBranch() throws IOException {
    TrainingOptions options = TrainingShard.narrow().build();
    Recipe both = twoStage().with("averageDecay", "0");
    Recipe firstOnly = both.withStages(both.stages().subList(0, 1));
    Path run = folder.resolve("frozen");
    train(both, options, run, 2);
    float[] last = ModelFile.read(run.resolve("model.safetensors")).parameters();
    Path alone = folder.resolve("first-stage");
    TrainingResult result = train(firstOnly, options, alone, 2);
    assertEquals("knn5_balanced_accuracy", result.score());
    ModelFile first = ModelFile.read(result.model());
    float[] before = first.parameters();
    ParameterLayout layout = new ParameterLayout(first.metadata().network());
    assertSame(layout.pathology(), before, last);
    assertFalse(equal(layout.waveform(), before, last), "the rest was trained");
    Range anchor = new Range(layout.trainableCount(), layout.size());
    assertSame(anchor, before, last);
  }

  private static void assertSame(Range range, float[] a, float[] b) {
    assertTrue(equal(range, a, b), range + " differs");
  }

  private static boolean equal(Range range, float[] a, float[] b) {
    return Arrays.equals(
        a, (int) range.begin(), (int) range.end(), b, (int) range.begin(), (int) range.end());
  }

  @Test
  void oneBatchIsLearnedByHeart() {
    Recipe recipe =
        TrainingShard.small(Recipe.joint(), 8, 1, 1)
            .with("stages.0.rate.schedule", "CONSTANT")
            .with("stages.0.rate.peak", "0.01")
            .with("stages.0.weightDecay", "0")
            .with("stages.0.loss.contrastive", "0")
            .with("stages.0.loss.classifier", "0");
    for (String amplitude : List.of("gainSd", "stretchProbability", "noiseSd")) {
      recipe = recipe.with("stages.0.views.0." + amplitude, "0");
    }
    recipe = recipe.with("stages.0.views.0.freeCrop", "false");
    TrainingOptions options = TrainingShard.narrow().build();
    try (StepFixture fixture = new StepFixture(shard, recipe, options, 1, 1)) {
      fixture.rewind();
      fixture.launch();
      MetricsRow first = fixture.firstRow();
      int steps = 300;
      for (int step = 2; step <= steps; step++) {
        // The index holds one batch, so the cursor wraps around to it every time.
        fixture.launch();
      }
      MetricsRow last = fixture.row(steps);
      assertTrue(last.mse() < 0.02 * first.mse(), "mse " + first.mse() + " became " + last.mse());
    }
  }

  @Test
  void aLossThatIsNotFiniteStopsTheRun() {
    Recipe wild =
        joint().with("stages.0.rate.schedule", "CONSTANT").with("stages.0.rate.peak", "1e30");
    TrainingException error =
        assertThrows(
            TrainingException.class,
            () -> train(wild, TrainingShard.narrow().build(), folder.resolve("wild"), 2));
    assertTrue(error.getMessage().contains("not finite"), error.getMessage());
    assertTrue(error.getMessage().contains("step"), error.getMessage());
  }

  @Test
  void aFolderThatHoldsARunIsNotOverwritten() throws IOException {
    Path run = folder.resolve("twice");
    TrainingOptions options = TrainingShard.narrow().maxSteps(1).build();
    train(joint(), options, run, 2);
    TrainingException error =
        assertThrows(TrainingException.class, () -> train(joint(), options, run, 2));
    assertTrue(error.getMessage().contains("--resume"), error.getMessage());
  }

  @Test
  void aFolderWithoutARunCannotBeResumed() {
    try (Context context = context(1)) {
      assertThrows(
          TrainingException.class,
          () -> Trainer.resume(context, shard, folder.resolve("nothing"), TrainingListener.SILENT));
    }
  }

  @Test
  void otherDataAreRefusedOnResume() throws IOException {
    Path run = folder.resolve("other-data");
    train(joint(), TrainingShard.narrow().maxSteps(1).build(), run, 2);
    try (Shard other = TrainingShard.prepare(folder, 40);
        Context context = context(1)) {
      TrainingException error =
          assertThrows(
              TrainingException.class,
              () -> Trainer.resume(context, other, run, TrainingListener.SILENT));
      assertTrue(error.getMessage().contains("other content"), error.getMessage());
    }
  }

  @Test
  void aDamagedCheckpointIsNamed() throws IOException {
    Path run = folder.resolve("damaged");
    train(joint(), TrainingShard.narrow().maxSteps(1).build(), run, 2);
    Path checkpoint = run.resolve("checkpoint.safetensors");
    byte[] bytes = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length / 2));
    try (Context context = context(1)) {
      Trainer trainer = Trainer.resume(context, shard, run, TrainingListener.SILENT);
      assertTrue(
          assertThrows(TensorFileException.class, trainer::run).getMessage().contains("cut short"));
    }
  }

  @Test
  void aRecipeThatNeedsOtherPreprocessingSaysWhatToDo() {
    Recipe paper = TrainingShard.small(Recipe.paper(), 16, 1, 1);
    TrainingException error =
        assertThrows(
            TrainingException.class,
            () -> train(paper, TrainingShard.narrow().build(), folder.resolve("paper"), 2));
    assertTrue(error.getMessage().contains("precordia prepare"), error.getMessage());
  }

  @Test
  void thePapersRecipeTrainsOnItsOwnPreset() throws IOException {
    Recipe paper = TrainingShard.small(Recipe.paper(), 16, 3, 1);
    try (Shard prepared = TrainingShard.prepare(folder, 60, Preprocessing.PAPER);
        Context context = context(2)) {
      TrainingResult result =
          Trainer.create(
                  context,
                  prepared,
                  paper,
                  TrainingShard.narrow().build(),
                  folder.resolve("paper-preset"),
                  TrainingListener.SILENT)
              .run();
      ModelFile model = ModelFile.read(result.model());
      assertEquals(Preprocessing.PAPER, model.metadata().preprocessing());
      assertEquals(Standardisation.Mode.WINDOW, model.metadata().standardisation().mode());
      assertFalse(model.metadata().network().anchor());
    }
  }

  @Test
  void aRunInChunksEqualsOneWithWholeBatches() throws IOException {
    Path whole = folder.resolve("batch-whole");
    Path parts = folder.resolve("batch-parts");
    train(joint(), TrainingShard.narrow().build(), whole, 2);
    train(joint(), TrainingShard.narrow().accumulate(4).build(), parts, 2);
    List<JsonNode> first = lines(whole.resolve("metrics.jsonl"));
    List<JsonNode> second = lines(parts.resolve("metrics.jsonl"));
    for (int i = 0; i < first.size(); i++) {
      double loss = first.get(i).get("loss").asDouble();
      // Rounding differs, and Adam divides small gradients by their own size.
      assertEquals(loss, second.get(i).get("loss").asDouble(), 1e-3 * loss);
    }
  }

  @Test
  void emptyFoldsAreRefused() {
    TrainingOptions options = TrainingShard.narrow().folds(List.of(77)).build();
    assertThrows(
        TrainingException.class, () -> train(joint(), options, folder.resolve("no-fold"), 1));
  }

  @Test
  void thePathologyBranchCanBeLeftOut() throws IOException {
    TrainingOptions options = TrainingShard.narrow().conditioning(Conditioning.NONE).build();
    TrainingResult result = train(joint(), options, folder.resolve("no-h"), 2);
    ModelFile model = ModelFile.read(result.model());
    assertFalse(model.metadata().network().pathology());
    for (JsonNode line : lines(folder.resolve("no-h/metrics.jsonl"))) {
      assertEquals(line.get("reconstruction"), line.get("loss"));
    }
  }

  @Test
  void chunksThatDoNotDivideTheBatchAreRefused() {
    TrainingOptions options = TrainingShard.narrow().accumulate(3).build();
    assertThrows(
        TrainingException.class, () -> train(joint(), options, folder.resolve("chunks"), 1));
  }
}
