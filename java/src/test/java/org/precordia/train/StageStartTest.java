// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.data.Shard;
import org.precordia.model.Initialisation;
import org.precordia.model.ModelFile;
import org.precordia.model.ParameterLayout;
import org.precordia.runtime.Context;

/** What a stage begins with: what the stage before it left, or its first parameters. */
class StageStartTest {
  /** Changes no parameter by more than rounding. */
  private static final String STANDSTILL = "1e-12";

  @TempDir static Path folder;
  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    shard = TrainingShard.prepare(folder, 40);
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  /** A joint stage that moves everything, then one of reconstruction that moves nothing. */
  private static ModelFile train(boolean afresh) throws IOException {
    StageConfig second = Recipe.twoStage().stages().getLast().withAfresh(afresh);
    Recipe recipe =
        TrainingShard.small(
                Recipe.joint().withStages(List.of(Recipe.joint().stages().getFirst(), second)),
                8,
                4,
                1)
            .with("stages.1.rate.peak", STANDSTILL)
            .with("averageDecay", "0");
    Path run = folder.resolve("run-" + afresh);
    try (Context context = Context.open(TestBackend.select())) {
      TrainingOptions options = TrainingShard.narrow().build();
      Trainer.create(context, shard, recipe, options, run, TrainingListener.SILENT).run();
    }
    return ModelFile.read(run.resolve("model.safetensors"));
  }

  /** Largest distance of a range's parameters from those that it was drawn with. */
  private static double moved(ModelFile model, ParameterLayout.Range range) {
    float[] drawn =
        Initialisation.draw(
            new ParameterLayout(model.metadata().network()), TrainingShard.narrow().build().seed());
    double largest = 0;
    for (int i = (int) range.begin(); i < range.end(); i++) {
      largest = Math.max(largest, Math.abs(model.parameters()[i] - drawn[i]));
    }
    return largest;
  }

  @Test
  void aStageAfreshForgetsWhatItTrainsAndNothingElse() throws IOException {
    ModelFile model = train(true);
    ParameterLayout layout = new ParameterLayout(model.metadata().network());
    assertEquals(0, moved(model, layout.waveform()), 1e-9);
    assertTrue(moved(model, layout.pathology()) > 1e-4, "the pathology branch is kept");
  }

  @Test
  void otherwiseItGoesOnWithWhatThereIs() throws IOException {
    ModelFile model = train(false);
    ParameterLayout layout = new ParameterLayout(model.metadata().network());
    assertTrue(moved(model, layout.waveform()) > 1e-4);
    assertTrue(moved(model, layout.pathology()) > 1e-4);
  }
}
