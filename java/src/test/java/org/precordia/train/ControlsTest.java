// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.precordia.data.Shard;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.Initialisation;
import org.precordia.model.ModelFile;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;
import org.precordia.model.Precision;
import org.precordia.model.Predictor;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.Stream;

/**
 * The networks and the kinds of h that the model is compared with, by the trainer that trains the
 * model. On the CPU alone, as some of their ops are.
 */
class ControlsTest {
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
    return TrainingShard.small(Recipe.joint(), 16, 10, 2);
  }

  private static Context context(int threads) {
    return Context.open(Backend.CPU.select(), ContextOptions.DEFAULT.withThreads(threads));
  }

  private static ModelFile train(Recipe recipe, TrainingOptions options, Path run, int threads)
      throws IOException {
    try (Context context = context(threads)) {
      TrainingResult result =
          Trainer.create(context, shard, recipe, options, run, TrainingListener.SILENT).run();
      assertTrue(result.completed());
      return ModelFile.read(result.model());
    }
  }

  /** Trains to a step, then goes on in another process's place. */
  private static ModelFile trainInTwo(Recipe recipe, TrainingOptions options, Path run, int stop)
      throws IOException {
    Trainer[] trainer = new Trainer[1];
    TrainingListener stopper =
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (step.step() == stop) {
              trainer[0].requestStop();
            }
          }
        };
    try (Context context = context(1)) {
      trainer[0] = Trainer.create(context, shard, recipe, options, run, stopper);
      assertFalse(trainer[0].run().completed());
    }
    try (Context context = context(2)) {
      return ModelFile.read(
          Trainer.resume(context, shard, run, TrainingListener.SILENT).run().model());
    }
  }

  @ParameterizedTest
  @CsvSource({"UNET, NONE", "LSTM_UNET, NONE", "DILATED, AMPLITUDE"})
  void aStoppedRunGoesOnBitForBitWithOtherThreads(
      Architecture architecture, Conditioning conditioning) throws IOException {
    TrainingOptions options =
        TrainingShard.narrow().architecture(architecture).conditioning(conditioning).build();
    Path run = folder.resolve("whole-" + architecture + conditioning);
    ModelFile whole = train(joint(), options, run, 2);
    ModelFile pieces =
        trainInTwo(joint(), options, folder.resolve("two-" + architecture + conditioning), 13);

    assertArrayEquals(whole.parameters(), pieces.parameters());
    assertEquals(architecture, whole.metadata().network().architecture());
    assertEquals(conditioning, whole.metadata().network().conditioning());
    ParameterLayout layout = new ParameterLayout(whole.metadata().network());
    float[] first = Initialisation.draw(layout, options.seed());
    assertFalse(equal(layout.trainable(), first, whole.parameters()), "it was trained");
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void anUntrainedNetworkIsItsAnchor(Architecture architecture) throws IOException {
    Recipe still = joint().with("stages.0.rate.peak", "1e-30").with("stages.0.weightDecay", "0");
    TrainingOptions options = TrainingShard.narrow().architecture(architecture).maxSteps(1).build();
    ModelFile model = train(still, options, folder.resolve("still-" + architecture), 1);
    ParameterLayout layout = new ParameterLayout(model.metadata().network());
    int leads = model.metadata().network().inputs().size();
    float[] millivolts = new float[256 * leads];
    for (int i = 0; i < millivolts.length; i++) {
      millivolts[i] = (float) Math.sin(0.05 * i);
    }
    float[] inputs = new float[millivolts.length];
    model.metadata().standardisation().apply(millivolts, 256, inputs);
    int begin = (int) layout.range(ParameterGroup.ANCHOR).begin();
    int targets = model.metadata().network().targets().size();
    try (Context context = context(1);
        Stream stream = context.stream();
        Predictor predictor = new Predictor(stream, model, 1, Precision.FP32)) {
      float[] made = predictor.predict(millivolts).millivolts();
      for (int t = 0; t < 256; t++) {
        for (int target = 0; target < targets; target++) {
          double anchor = model.parameters()[begin + targets * leads + target];
          for (int lead = 0; lead < leads; lead++) {
            anchor += model.parameters()[begin + target * leads + lead] * inputs[t * leads + lead];
          }
          assertEquals(anchor, made[t * targets + target], 1e-5);
        }
      }
    }
  }

  /** The control "h from a random frozen encoder": the second stage alone. */
  @Test
  void withoutAFirstStageThePathologyBranchStaysAsDrawn() throws IOException {
    Recipe both = TrainingShard.small(Recipe.twoStage(), 16, 5, 2);
    Recipe second = both.withStages(both.stages().subList(1, 2));
    TrainingOptions options = TrainingShard.narrow().build();
    ModelFile model = train(second, options, folder.resolve("random"), 2);

    ParameterLayout layout = new ParameterLayout(model.metadata().network());
    float[] first = Initialisation.draw(layout, options.seed());
    assertTrue(layout.pathology().count() > 0);
    assertTrue(equal(layout.pathology(), first, model.parameters()), "the branch has moved");
    assertFalse(equal(layout.waveform(), first, model.parameters()), "the rest was trained");
    Range film = layout.range(ParameterGroup.FILM);
    assertFalse(equal(film, first, model.parameters()), "h modulates");
  }

  /** Without a pathology branch only the stages that reconstruct are left of two. */
  @Test
  void aUNetSkipsTheContrastiveStage() throws IOException {
    Recipe recipe = TrainingShard.small(Recipe.twoStage(), 16, 2, 1);
    TrainingOptions options = TrainingShard.narrow().architecture(Architecture.UNET).build();
    assertEquals(1, StagePlan.of(recipe, options, 100).size());
    train(recipe, options, folder.resolve("unet-two-stage"), 1);
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    TrainingOptions.Builder bf16 =
        TrainingOptions.builder().architecture(Architecture.UNET).precision(Precision.BF16);
    String message = assertThrows(IllegalArgumentException.class, bf16::build).getMessage();
    assertTrue(message.contains("--precision fp32"), message);
    TrainingOptions modulated =
        TrainingOptions.builder()
            .architecture(Architecture.LSTM_UNET)
            .conditioning(Conditioning.AMPLITUDE)
            .build();
    assertThrows(IllegalArgumentException.class, () -> modulated.network(List.of(), true));
  }

  private static boolean equal(Range range, float[] a, float[] b) {
    return Arrays.equals(
        a, (int) range.begin(), (int) range.end(), b, (int) range.begin(), (int) range.end());
  }
}
