// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.TestModels;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.data.Windows;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.synth.SyntheticCohort;

/** A regression with lags solves its equations, and is the same from a file. */
class LaggedRidgeTest {
  private static final int PATIENTS = 12;
  private static final int WINDOW = NetworkConfig.DEFAULT_WINDOW;

  @TempDir static Path folder;
  private static LaggedRidge ridge;
  private static float[] inputs;
  private static float[] targets;
  private static int windows;

  @BeforeAll
  static void fit() throws IOException {
    Path file = folder.resolve("cohort.shard");
    Preparation.run(
        new SyntheticCohort(PATIENTS, 5), file, PreparationSettings.defaults(), (d, t, r) -> {});
    ModelFile model = TestModels.linear();
    try (Shard shard = Shard.open(file);
        Context context = Context.open(TestBackend.select());
        Stream stream = context.stream();
        DeviceRecords records = new DeviceRecords(stream, shard, null, DataPlacement.AUTO);
        WindowSource source =
            new WindowSource(
                stream, model.metadata().network(), model.metadata().standardisation(), records);
        Weights weights =
            new Weights(stream, model.metadata().network(), Precision.FP32.storage())) {
      weights.upload(model.parameters());
      List<WindowRef> all =
          WindowRef.list(
              Windows.forEvaluation(shard, IntStream.range(0, shard.records()).toArray()));
      windows = all.size();
      try (WindowRunner runner =
          new WindowRunner(source, weights, windows, WindowRunner.Mode.RECONSTRUCTION)) {
        runner.run(
            all,
            batch -> {
              inputs = batch.inputs();
              targets = batch.targets();
            });
        ridge = LaggedRidge.fit(model.metadata(), runner, all, RidgeAnchor.DEFAULT_PENALTY);
      }
    }
  }

  /** Sum over all samples of an input so many samples later, times a value of the same sample. */
  private static double moment(float[] values, int input, int lag, int target) {
    int leads = ridge.metadata().network().inputs().size();
    int count = ridge.metadata().network().targets().size();
    double sum = 0;
    for (int w = 0; w < windows; w++) {
      for (int t = Math.max(0, -lag); t < Math.min(WINDOW, WINDOW - lag); t++) {
        sum +=
            inputs[(w * WINDOW + t + lag) * leads + input]
                * (double) values[(w * WINDOW + t) * count + target];
      }
    }
    return sum;
  }

  @Test
  void whatIsLeftHasNothingInCommonWithTheInputs() {
    float[] output = ridge.reconstruct(inputs, windows);
    float[] left = new float[output.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = targets[i] - output[i];
    }
    for (int lag : new int[] {-16, -3, 0, 16}) {
      for (int target = 0; target < ridge.metadata().network().targets().size(); target++) {
        double whole = Math.abs(moment(targets, 2, lag, target));
        assertEquals(0, moment(left, 2, lag, target), 1e-3 * Math.max(1, whole));
      }
    }
  }

  @Test
  void aFileHoldsTheSameRegression() throws IOException {
    Path file = folder.resolve("ridge-lags.safetensors");
    ridge.write(file);
    LaggedRidge read = LaggedRidge.read(file);
    assertEquals(ridge.parameters(), read.parameters());
    assertArrayEquals(ridge.reconstruct(inputs, windows), read.reconstruct(inputs, windows));
    assertEquals(ridge.metadata().network(), read.metadata().network());
  }

  @Test
  void aFileOfAnotherKindIsRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TestModels.linear().write(file);
    TensorFileException refused =
        assertThrows(TensorFileException.class, () -> LaggedRidge.read(file));
    assertTrue(refused.getMessage().contains("is no regression with lags"));
  }
}
