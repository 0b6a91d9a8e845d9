// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.signal.Preprocessing;

/** Windows that are streamed from the host train the same network, bit for bit. */
class DataPlacementTest {
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

  /** Hears messages, and may stop the run. */
  private static final class Listener implements TrainingListener {
    private final List<String> messages = new ArrayList<>();
    private Trainer stopping;
    private long stopAt;

    @Override
    public void message(String text) {
      messages.add(text);
    }

    @Override
    public void step(Step step) {
      if (stopping != null && step.step() == stopAt) {
        stopping.requestStop();
      }
    }
  }

  private static List<String> train(
      Shard data, Recipe recipe, TrainingOptions options, Path run, DataPlacement placement)
      throws IOException {
    Listener listener = new Listener();
    try (Context context = Context.open(Backend.CPU.select())) {
      Trainer.create(context, data, recipe, options, run, listener).place(placement).run();
    }
    return listener.messages.stream().filter(text -> text.contains("stay on the host")).toList();
  }

  private static void assertSameRun(Path expected, Path actual) throws IOException {
    assertArrayEquals(
        ModelFile.read(expected.resolve("model.safetensors")).parameters(),
        ModelFile.read(actual.resolve("model.safetensors")).parameters());
    for (String file : List.of("metrics.jsonl", "validations.jsonl")) {
      assertEquals(figures(expected.resolve(file)), figures(actual.resolve(file)));
    }
  }

  /** The lines of a log without what depends on the clock. */
  private static List<String> figures(Path log) throws IOException {
    return Files.readAllLines(log).stream()
        .map(line -> line.replaceAll(",\"windows_per_s\":[^,}]*", ""))
        .toList();
  }

  private static void assertSame(Shard data, Recipe recipe, TrainingOptions options, String name)
      throws IOException {
    Path resident = folder.resolve(name + "-device");
    Path streamed = folder.resolve(name + "-host");
    assertEquals(List.of(), train(data, recipe, options, resident, DataPlacement.DEVICE));
    List<String> said = train(data, recipe, options, streamed, DataPlacement.HOST);
    assertEquals(1, said.size(), said.toString());
    assertSameRun(resident, streamed);
  }

  @Test
  void aJointRun() throws IOException {
    Recipe recipe = TrainingShard.small(Recipe.joint(), 16, 5, 2);
    assertSame(shard, recipe, TrainingShard.narrow().build(), "joint");
  }

  @Test
  void twoStagesInChunks() throws IOException {
    Recipe recipe = TrainingShard.small(Recipe.twoStage(), 16, 3, 2);
    assertSame(shard, recipe, TrainingShard.narrow().accumulate(4).build(), "two-stage");
  }

  @Test
  void stretchedFarBeyondTheWindow() throws IOException {
    Recipe recipe =
        TrainingShard.small(Recipe.joint(), 16, 5, 1)
            .with("stages.0.views.0.stretchProbability", "1")
            .with("stages.0.views.0.stretchSd", "0.5")
            .with("stages.0.views.0.shift", "40");
    assertSame(shard, recipe, TrainingShard.narrow().build(), "stretched");
  }

  @Test
  void severalFilesAreOneDataSet() throws IOException {
    Recipe recipe = TrainingShard.small(Recipe.twoStage(), 16, 3, 1);
    Path whole = folder.resolve("one-file");
    train(shard, recipe, TrainingShard.narrow().build(), whole, DataPlacement.AUTO);
    try (Shard parts = TrainingShard.prepareParts(folder, 60, 100_000)) {
      assertTrue(parts.files().size() > 5);
      Path inParts = folder.resolve("in-parts");
      assertEquals(
          1,
          train(parts, recipe, TrainingShard.narrow().build(), inParts, DataPlacement.AUTO).size());
      assertSameRun(whole, inParts);
      Path copied = folder.resolve("copied");
      assertEquals(
          List.of(),
          train(parts, recipe, TrainingShard.narrow().build(), copied, DataPlacement.DEVICE));
      assertSameRun(whole, copied);
    }
  }

  @Test
  void windowsThatAreStandardisedEachByItself() throws IOException {
    try (Shard paper = TrainingShard.prepare(folder, 60, Preprocessing.PAPER)) {
      Recipe recipe = TrainingShard.small(Recipe.paper(), 16, 3, 1);
      assertSame(paper, recipe, TrainingShard.narrow().build(), "paper");
    }
  }

  @Test
  void aRunThatIsStoppedGoesOnInEitherWay() throws IOException {
    Recipe recipe = TrainingShard.small(Recipe.joint(), 16, 5, 2);
    TrainingOptions options = TrainingShard.narrow().build();
    Path whole = folder.resolve("whole");
    Path pieces = folder.resolve("pieces");
    train(shard, recipe, options, whole, DataPlacement.DEVICE);
    DataPlacement[] placements = {DataPlacement.HOST, DataPlacement.DEVICE, DataPlacement.HOST};
    long[] stops = {3, 6, Long.MAX_VALUE};
    for (int i = 0; i < placements.length; i++) {
      Listener listener = new Listener();
      try (Context context = Context.open(Backend.CPU.select())) {
        Trainer trainer =
            i == 0
                ? Trainer.create(context, shard, recipe, options, pieces, listener)
                : Trainer.resume(context, shard, pieces, listener);
        listener.stopping = trainer;
        listener.stopAt = stops[i];
        trainer.place(placements[i]).run();
      }
    }
    assertSameRun(whole, pieces);
  }
}
