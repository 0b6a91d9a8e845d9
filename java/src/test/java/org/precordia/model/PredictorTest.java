// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.data.Lead;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Stream;
import org.precordia.signal.Philox;
import org.precordia.signal.Preprocessing;
import org.precordia.synth.SyntheticCohort;

/** Inference on windows in mV, on windows of a shard, and the anchor. */
class PredictorTest {
  private static final int LENGTH = NetworkConfig.DEFAULT_WINDOW;

  @TempDir static Path folder;

  private static Shard shard;
  private static Context context;
  private static Stream stream;

  @BeforeAll
  static void open() throws IOException {
    Path file = folder.resolve("cohort.shard");
    Preparation.run(
        new SyntheticCohort(6, 2), file, PreparationSettings.defaults(), (done, total, rate) -> {});
    shard = Shard.open(file);
    context = Context.open(TestBackend.select());
    stream = context.stream();
  }

  @AfterAll
  static void close() {
    stream.close();
    context.close();
    shard.close();
  }

  private static NetworkConfig config() {
    return new NetworkConfig(
        16,
        List.of(Lead.AVF, Lead.V2),
        List.of(Lead.V1, Lead.V5, Lead.I),
        LENGTH,
        8,
        List.of("NORM", "MI"),
        Architecture.DILATED,
        Conditioning.EMBEDDING,
        true);
  }

  private static ModelFile model(Standardisation.Mode mode) {
    NetworkConfig config = config();
    float[] flat = Initialisation.draw(new ParameterLayout(config), 1);
    Philox random = new Philox(9, 0, 0, 0);
    for (int i = 0; i < flat.length; i++) {
      flat[i] += (float) (0.05 * random.normal());
    }
    Standardisation standardisation =
        new Standardisation(mode, List.of(0.02f, -0.1f), List.of(0.3f, 0.5f), List.of(2f, 2f));
    return new ModelFile(
        new ModelMetadata(config, 100, Preprocessing.DEFAULT, standardisation, "{}", "{}", "test"),
        flat);
  }

  private static List<WindowRef> windows() {
    return windows(13);
  }

  private static List<WindowRef> windows(int count) {
    List<WindowRef> windows = new ArrayList<>();
    for (int record = 0; record < shard.records(); record++) {
      windows.add(new WindowRef(record, 0));
      windows.add(new WindowRef(record, 111));
      windows.add(new WindowRef(record, shard.record(record).length() - LENGTH));
    }
    return windows.subList(0, count);
  }

  private static float[] millivolts(List<Lead> leads, List<WindowRef> windows) {
    float[] mix = NetworkConfig.mix(leads);
    float[] values = new float[windows.size() * LENGTH * leads.size()];
    int at = 0;
    for (WindowRef window : windows) {
      float[][] stored = shard.millivolts(window.record());
      for (int t = 0; t < LENGTH; t++) {
        for (int lead = 0; lead < leads.size(); lead++) {
          float value = 0;
          for (int k = 0; k < stored.length; k++) {
            value += mix[lead * stored.length + k] * stored[k][window.start() + t];
          }
          values[at++] = value;
        }
      }
    }
    return values;
  }

  @Test
  void hCanBeGivenInPlaceOfThePathologyBranch() {
    ModelFile model = model(Standardisation.Mode.SET);
    float[] inputs = millivolts(config().inputs(), windows(5));
    try (Predictor predictor = new Predictor(stream, model, 4, Precision.FP32);
        Predictor fresh = new Predictor(stream, model, 4, Precision.FP32)) {
      Predictor.Prediction own = predictor.predict(inputs);
      assertArrayEquals(own.millivolts(), fresh.predict(inputs, own.h()), 0);
      float[] moved = own.h().clone();
      moved[0] += 1;
      float[] other = predictor.predict(inputs, moved);
      int window = LENGTH * config().targets().size();
      assertNotEquals(own.millivolts()[0], other[0]);
      for (int i = window; i < other.length; i++) {
        assertEquals(own.millivolts()[i], other[i], 0, "h of the first window alone was moved");
      }
      assertThrows(IllegalArgumentException.class, () -> predictor.predict(inputs, new float[3]));
    }
  }

  @Test
  void windowsOfAShardAndWindowsInMillivoltGiveTheSame() {
    for (Standardisation.Mode mode : Standardisation.Mode.values()) {
      windowsOfAShardAndWindowsInMillivoltGiveTheSame(mode, DataPlacement.DEVICE);
      windowsOfAShardAndWindowsInMillivoltGiveTheSame(mode, DataPlacement.HOST);
    }
  }

  private static void windowsOfAShardAndWindowsInMillivoltGiveTheSame(
      Standardisation.Mode mode, DataPlacement placement) {
    ModelFile model = model(mode);
    float[] output = new float[0];
    float[] h = new float[0];
    float[] targets = new float[0];
    List<double[]> moments = new ArrayList<>();
    try (DeviceRecords records = new DeviceRecords(stream, shard, null, placement);
        WindowSource source =
            new WindowSource(stream, config(), model.metadata().standardisation(), records);
        Weights weights = new Weights(stream, config(), DType.F32)) {
      weights.upload(model.parameters());
      try (WindowRunner runner =
          new WindowRunner(source, weights, 4, WindowRunner.Mode.RECONSTRUCTION)) {
        List<float[]> parts = new ArrayList<>();
        List<float[]> embedded = new ArrayList<>();
        List<float[]> truth = new ArrayList<>();
        runner.run(
            windows(),
            batch -> {
              parts.add(batch.output());
              embedded.add(batch.h());
              truth.add(batch.targets());
              moments.add(batch.moments());
              assertEquals(batch.count() * 2, batch.logits().length);
            });
        output = join(parts);
        h = join(embedded);
        targets = join(truth);
      }
    }
    assertArrayEquals(millivolts(config().targets(), windows()), targets, 1e-6f);
    try (Predictor predictor = new Predictor(stream, model, 8, Precision.FP32)) {
      Predictor.Prediction prediction = predictor.predict(millivolts(config().inputs(), windows()));
      assertArrayEquals(output, prediction.millivolts(), 1e-4f);
      assertArrayEquals(h, prediction.h(), 1e-4f);
    }
    checkMoments(moments, output, targets);
  }

  private static float[] join(List<float[]> parts) {
    float[] joined = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }

  private static void checkMoments(List<double[]> parts, float[] output, float[] targets) {
    int leads = config().targets().size();
    int window = 0;
    for (double[] part : parts) {
      for (int i = 0; i < part.length; i += WindowRunner.MOMENTS) {
        int lead = i / WindowRunner.MOMENTS % leads;
        double[] sums = new double[WindowRunner.MOMENTS];
        for (int t = 0; t < LENGTH; t++) {
          int at = ((window + i / WindowRunner.MOMENTS / leads) * LENGTH + t) * leads + lead;
          double y = targets[at];
          double p = output[at];
          sums[0] += (p - y) * (p - y);
          sums[1] += Math.abs(p - y);
          sums[2] += y;
          sums[3] += y * y;
          sums[4] += p;
          sums[5] += p * p;
          sums[6] += y * p;
        }
        for (int k = 0; k < sums.length; k++) {
          assertEquals(sums[k], part[i + k], 1e-4 * Math.max(1, Math.abs(sums[k])));
        }
      }
      window += part.length / WindowRunner.MOMENTS / leads;
    }
  }

  /** Eight significant bits in the activations show in the result, but not much. */
  @Test
  void halfTheStorageKeepsTheReconstruction() {
    ModelFile model = model(Standardisation.Mode.SET);
    float[] all = millivolts(config().inputs(), windows());
    try (Predictor single = new Predictor(stream, model, 8, Precision.FP32);
        Predictor half = new Predictor(stream, model, 8, Precision.BF16)) {
      float[] exact = single.predict(all).millivolts();
      float[] rounded = half.predict(all).millivolts();
      double error = 0;
      double power = 0;
      for (int i = 0; i < exact.length; i++) {
        error += Math.pow(rounded[i] - exact[i], 2);
        power += Math.pow(exact[i], 2);
      }
      assertTrue(error > 0, "the activations were not rounded");
      assertTrue(Math.sqrt(error / power) < 0.01, "relative error " + Math.sqrt(error / power));
    }
  }

  @Test
  void fewSizesServeAllBatchesAtLittleWaste() {
    assertEquals(13, Predictor.sizeFor(13));
    for (int windows = 1; windows <= 256; windows++) {
      int size = Predictor.sizeFor(windows);
      assertTrue(size >= windows && 8 * (size - windows) < size, windows + " windows in " + size);
    }
    assertEquals(32, IntStream.rangeClosed(1, 64).map(Predictor::sizeFor).distinct().count());
  }

  @Test
  void theBatchDoesNotChangeAWindow() {
    ModelFile model = model(Standardisation.Mode.SET);
    // 17 windows run in a network for 18.
    float[] all = millivolts(config().inputs(), windows(17));
    try (Predictor large = new Predictor(stream, model, 32, Precision.FP32);
        Predictor single = new Predictor(stream, model, 1, Precision.FP32)) {
      assertArrayEquals(single.predict(all).millivolts(), large.predict(all).millivolts(), 1e-5f);
      assertEquals(0, single.predict(new float[0]).millivolts().length);
      assertThrows(IllegalArgumentException.class, () -> single.predict(new float[7]));
    }
  }

  @Test
  void anUntrainedNetworkIsItsAnchor() {
    NetworkConfig config = config();
    ParameterLayout layout = new ParameterLayout(config);
    ModelFile random = model(Standardisation.Mode.SET);
    float[] flat = Initialisation.draw(layout, 1);
    float[] anchor = anchor(random, DataPlacement.DEVICE);
    assertArrayEquals(anchor, anchor(random, DataPlacement.HOST));
    int begin = (int) layout.range(ParameterGroup.ANCHOR).begin();
    System.arraycopy(anchor, 0, flat, begin, anchor.length);
    float[] inputs = millivolts(config.inputs(), windows());
    float[] standardised = new float[inputs.length];
    random.metadata().standardisation().apply(inputs, LENGTH, standardised);
    float[] expected = leastSquares(standardised, millivolts(config.targets(), windows()));
    try (Predictor predictor =
        new Predictor(stream, new ModelFile(random.metadata(), flat), 16, Precision.FP32)) {
      assertArrayEquals(expected, predictor.predict(inputs).millivolts(), 1e-4f);
    }
  }

  private static float[] anchor(ModelFile model, DataPlacement placement) {
    try (DeviceRecords records = new DeviceRecords(stream, shard, null, placement);
        WindowSource source =
            new WindowSource(stream, config(), model.metadata().standardisation(), records)) {
      return RidgeAnchor.fit(source, windows(), 4, RidgeAnchor.DEFAULT_PENALTY);
    }
  }

  /** Ridge regression in fp64 by Gaussian elimination, and what it makes of its own inputs. */
  private static float[] leastSquares(float[] inputs, float[] targets) {
    int n = config().inputs().size();
    int leads = config().targets().size();
    int rows = inputs.length / n;
    float[] fitted = new float[targets.length];
    for (int lead = 0; lead < leads; lead++) {
      double[][] system = new double[n + 1][n + 2];
      for (int row = 0; row < rows; row++) {
        double[] a = terms(inputs, row, n);
        for (int i = 0; i <= n; i++) {
          for (int j = 0; j <= n; j++) {
            system[i][j] += a[i] * a[j];
          }
          system[i][n + 1] += a[i] * targets[row * leads + lead];
        }
      }
      for (int i = 0; i <= n; i++) {
        system[i][i] += RidgeAnchor.DEFAULT_PENALTY;
      }
      eliminate(system);
      for (int row = 0; row < rows; row++) {
        double[] a = terms(inputs, row, n);
        for (int i = 0; i <= n; i++) {
          fitted[row * leads + lead] += (float) (system[i][n + 1] * a[i]);
        }
      }
    }
    return fitted;
  }

  private static double[] terms(float[] inputs, int row, int n) {
    double[] a = new double[n + 1];
    for (int i = 0; i < n; i++) {
      a[i] = inputs[row * n + i];
    }
    a[n] = 1;
    return a;
  }

  private static void eliminate(double[][] system) {
    int n = system.length;
    for (int pivot = 0; pivot < n; pivot++) {
      double scale = system[pivot][pivot];
      for (int j = pivot; j <= n; j++) {
        system[pivot][j] /= scale;
      }
      for (int i = 0; i < n; i++) {
        if (i != pivot) {
          double factor = system[i][pivot];
          for (int j = pivot; j <= n; j++) {
            system[i][j] -= factor * system[pivot][j];
          }
        }
      }
    }
  }

  @Test
  void equationsWithoutASolutionAreRefused() {
    double[] gram = {1, 1, 1, 1};
    assertThrows(
        IllegalArgumentException.class,
        () -> RidgeAnchor.solve(gram, new double[] {1, 1}, 2, 1, 0));
    assertArrayEquals(
        new double[] {0.4, 0.6},
        RidgeAnchor.solve(new double[] {3, 1, 1, 2}, new double[] {1.8, 1.6}, 2, 1, 0),
        1e-12);
  }
}
