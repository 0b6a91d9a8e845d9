// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.data.Shard;
import org.precordia.model.Precision;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;

/**
 * The same short run on a device and on the CPU: windows, initial parameters and random numbers are
 * the same, so every step's loss must be, but for rounding.
 */
class DeviceTrainingTest {
  @TempDir static Path folder;

  private static Backend.Selection device;
  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    device = TestBackend.device();
    shard = TrainingShard.prepare(folder, 60);
  }

  @AfterAll
  static void close() {
    if (shard != null) {
      shard.close();
    }
  }

  private static List<Double> losses(
      Backend.Selection selection, Recipe recipe, Precision precision, String run)
      throws IOException {
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void step(Step step) {
            losses.add((double) step.metrics().loss());
          }
        };
    TrainingOptions options = TrainingShard.narrow().precision(precision).build();
    try (Context context = Context.open(selection)) {
      Trainer.create(context, shard, recipe, options, folder.resolve(run), listener).run();
    }
    return losses;
  }

  private static void compare(Recipe recipe, Precision precision, double tolerance, String run)
      throws IOException {
    List<Double> expected =
        losses(Backend.CPU.select(), recipe, Precision.FP32, run + "-on-the-cpu");
    List<Double> found = losses(device, recipe, precision, run);
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      double loss = expected.get(i);
      assertEquals(loss, found.get(i), tolerance * loss, "loss of step " + (i + 1));
    }
  }

  @Test
  void aJointRunInFp32TakesTheCpusWay() throws IOException {
    compare(TrainingShard.small(Recipe.joint(), 16, 5, 2), Precision.FP32, 2e-3, "joint");
  }

  @Test
  void aTwoStageRunInFp32TakesTheCpusWay() throws IOException {
    compare(TrainingShard.small(Recipe.twoStage(), 16, 4, 1), Precision.FP32, 2e-3, "two-stage");
  }

  @Test
  void aJointRunInBf16StaysBesideIt() throws IOException {
    compare(TrainingShard.small(Recipe.joint(), 16, 5, 2), Precision.BF16, 0.03, "joint-bf16");
  }
}
