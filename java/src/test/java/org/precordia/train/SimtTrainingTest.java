// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Shard;
import org.precordia.model.Precision;
import org.precordia.runtime.Backend;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.NoLibraryException;
import org.precordia.runtime.NoPluginException;

/**
 * Training steps by the CUDA backend's kernels, captured as a graph and replayed, on the SIMT
 * executor: the losses and gradients are the CPU backend's.
 */
class SimtTrainingTest {
  private static final int STEPS = 2;
  private static final int WINDOWS = 8;

  /** Narrowest that the tensor-core kernels serve. */
  private static final int WIDTH = 64;

  @TempDir static Path folder;

  private static Backend.Selection simt;
  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    try {
      simt = Backend.SIMT.select();
    } catch (NoLibraryException | NoPluginException absent) {
      abort("the native tests, which the SIMT executor is one of, are not built: " + absent);
    }
    shard = TrainingShard.prepare(folder, 40);
  }

  @AfterAll
  static void close() {
    if (shard != null) {
      shard.close();
    }
  }

  private static List<MetricsRow> train(Backend.Selection device, Precision precision) {
    Recipe recipe = TrainingShard.small(Recipe.joint(), WINDOWS, STEPS, 1);
    TrainingOptions options = TrainingShard.narrow().width(WIDTH).precision(precision).build();
    try (StepFixture fixture = new StepFixture(device, shard, recipe, options, 1, STEPS)) {
      fixture.rewind();
      List<MetricsRow> rows = new ArrayList<>();
      for (int step = 1; step <= STEPS; step++) {
        fixture.launch();
        rows.add(fixture.row(step));
      }
      return rows;
    }
  }

  private static void assertClose(
      double tolerance, List<MetricsRow> expected, List<MetricsRow> actual) {
    for (int i = 0; i < STEPS; i++) {
      MetricsRow e = expected.get(i);
      MetricsRow a = actual.get(i);
      assertEquals(i + 1, a.step());
      assertEquals(e.anchors(), a.anchors());
      assertEquals(0, a.nonFinite());
      assertEquals(e.rate(), a.rate());
      assertTrue(e.contrastive() > 0 && e.classifier() > 0, "every op of the step has run");
      assertClose(tolerance, "mse", i, e.mse(), a.mse());
      assertClose(tolerance, "l1", i, e.l1(), a.l1());
      assertClose(tolerance, "contrastive", i, e.contrastive(), a.contrastive());
      assertClose(tolerance, "classifier", i, e.classifier(), a.classifier());
      assertClose(tolerance, "gradient norm", i, e.gradientNorm(), a.gradientNorm());
    }
  }

  private static void assertClose(
      double tolerance, String what, int step, float expected, float actual) {
    assertEquals(expected, actual, tolerance * expected, what + " of step " + (step + 1));
  }

  @Test
  void stepsInFp32EqualTheCpus() {
    // Adam divides small gradients by their own size, so rounding grows from step to step.
    assertClose(1e-3, train(Backend.CPU.select(), Precision.FP32), train(simt, Precision.FP32));
  }

  @Test
  void stepsInBf16AreCloseToTheCpusInFp32() {
    assertClose(3e-2, train(Backend.CPU.select(), Precision.FP32), train(simt, Precision.BF16));
  }
}
