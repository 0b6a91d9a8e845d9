// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.precordia.data.Lead;

/** Figures of a row against direct computation on the samples. */
class RowScoresTest {
  private static final List<Lead> TARGETS = List.of(Lead.V1, Lead.V5);
  private static final int LENGTH = 64;

  private final Random random = new Random(7);

  @Test
  void figuresEqualTheirDefinitions() {
    int windows = 6;
    double[][][] truth = signals(windows, 0.4);
    double[][][] prediction = signals(windows, 0.3);
    RowScores scores = new RowScores("model", 12, TARGETS, 3, windows, LENGTH);
    for (int w = 0; w < windows; w++) {
      scores.add(w / 2, moments(truth[w], prediction[w]), 0);
    }
    RowResult row = scores.result(new double[0][], null, null);

    double rmse = 0;
    double squares = 0;
    double absolute = 0;
    double pearson = 0;
    for (int w = 0; w < windows; w++) {
      for (int lead = 0; lead < 2; lead++) {
        double square = 0;
        for (int t = 0; t < LENGTH; t++) {
          double e = prediction[w][lead][t] - truth[w][lead][t];
          square += e * e;
          absolute += Math.abs(e);
        }
        squares += square;
        rmse += Math.sqrt(square / LENGTH) / 2;
        pearson += correlation(prediction[w][lead], truth[w][lead]) / 2;
      }
    }
    int samples = windows * 2 * LENGTH;
    assertEquals(rmse / windows, row.mean().values().get(Metric.RMSE_WINDOW), 1e-12);
    assertEquals(Math.sqrt(squares / samples), row.mean().values().get(Metric.RMSE_POOLED), 1e-12);
    assertEquals(absolute / samples, row.mean().values().get(Metric.MAE), 1e-12);
    assertEquals(pearson / windows, row.mean().values().get(Metric.PEARSON), 1e-12);
    assertEquals(windows, row.mean().windows());
    assertNull(row.mean().intervals().get(Metric.MAE), "too few patients for an interval");
  }

  @Test
  void perfectPredictionScoresOneAndZero() {
    double[][][] truth = signals(2, 0.5);
    RowScores scores = new RowScores("model", 1, TARGETS, 1, 2, LENGTH);
    scores.add(0, moments(truth[0], truth[0]), 0);
    scores.add(0, moments(truth[1], truth[1]), 0);
    RowResult.Figures mean = scores.result(new double[0][], null, null).mean();
    assertEquals(0, mean.values().get(Metric.RMSE_POOLED), 0);
    assertEquals(1, mean.values().get(Metric.PEARSON), 1e-12);
    assertEquals(1, mean.values().get(Metric.R2), 1e-12);
    assertEquals(1, mean.values().get(Metric.R2_WINDOW), 1e-12);
    assertEquals(1, mean.pearson5(), 1e-12);
  }

  @Test
  void constantPredictionHasNoCorrelationAndNegativeOrZeroR2() {
    double[][][] truth = signals(3, 0.5);
    double[][] constant = new double[2][LENGTH];
    java.util.Arrays.fill(constant[0], 0.1);
    java.util.Arrays.fill(constant[1], -0.2);
    RowScores scores = new RowScores("mean", 2, TARGETS, 1, 3, LENGTH);
    for (double[][] window : truth) {
      scores.add(0, moments(window, constant), 0);
    }
    RowResult.Figures mean = scores.result(new double[0][], null, null).mean();
    assertTrue(Double.isNaN(mean.values().get(Metric.PEARSON)));
    assertTrue(Double.isNaN(mean.pearson5()));
    assertTrue(mean.values().get(Metric.R2) <= 0);
  }

  @Test
  void flatWindowsAreSkippedInCorrelationsAndCounted() {
    double[][][] truth = signals(2, 0.5);
    truth[1][0] = new double[LENGTH];
    RowScores scores = new RowScores("model", 1, TARGETS, 1, 2, LENGTH);
    scores.add(0, moments(truth[0], truth[0]), 0);
    scores.add(0, moments(truth[1], signals(1, 0.1)[0]), 0);
    RowResult row = scores.result(new double[0][], null, null);
    assertEquals(1, row.leads().get(Lead.V1).flatWindows());
    assertEquals(1, row.leads().get(Lead.V1).values().get(Metric.PEARSON), 1e-12);
    assertEquals(0, row.leads().get(Lead.V5).flatWindows());
    assertEquals(0, row.mean().flatWindows(), "one lead of the window still counts");
  }

  @Test
  void intervalsCoverTheEstimateAndComparisonsArePaired() {
    int patients = 40;
    RowScores ridge = new RowScores("ridge", 4, TARGETS, patients, patients, LENGTH);
    RowScores model = new RowScores("model", 9, TARGETS, patients, patients, LENGTH);
    for (int p = 0; p < patients; p++) {
      double[][] truth = signals(1, 0.5)[0];
      double[][] worse = perturbed(truth, 0.2 + 0.01 * p);
      double[][] better = new double[2][LENGTH];
      for (int lead = 0; lead < 2; lead++) {
        for (int t = 0; t < LENGTH; t++) {
          better[lead][t] = truth[lead][t] + 0.5 * (worse[lead][t] - truth[lead][t]);
        }
      }
      ridge.add(p, moments(truth, worse), 0);
      model.add(p, moments(truth, better), 0);
    }
    PatientBootstrap bootstrap = new PatientBootstrap(patients, 500, 3);
    RowResult row =
        model.result(bootstrap.totals(model.sums()), ridge, bootstrap.totals(ridge.sums()));
    Interval rmse = row.mean().intervals().get(Metric.RMSE_WINDOW);
    double estimate = row.mean().values().get(Metric.RMSE_WINDOW);
    assertTrue(rmse.low() < estimate && estimate < rmse.high());
    assertNotNull(row.againstRidge());
    // Half the error in every window: -50 % in every resample, since rows are resampled together.
    assertEquals(-50, row.againstRidge().rmsePercent(), 1e-9);
    assertEquals(-50, row.againstRidge().rmseInterval().low(), 1e-9);
    assertEquals(-50, row.againstRidge().rmseInterval().high(), 1e-9);
    assertTrue(row.againstRidge().pearson() > 0);
  }

  @Test
  void percentilesInterpolate() {
    double[] sorted = {0, 1, 2, 3, 4};
    assertEquals(2, PatientBootstrap.percentile(sorted, 0.5), 0);
    assertEquals(0.1, PatientBootstrap.percentile(sorted, 0.025), 1e-12);
  }

  private double[][][] signals(int windows, double amplitude) {
    double[][][] signals = new double[windows][2][LENGTH];
    for (double[][] window : signals) {
      for (double[] lead : window) {
        for (int t = 0; t < LENGTH; t++) {
          lead[t] = amplitude * random.nextGaussian() + 0.05;
        }
      }
    }
    return signals;
  }

  private double[][] perturbed(double[][] truth, double deviation) {
    double[][] copy = new double[truth.length][];
    for (int lead = 0; lead < truth.length; lead++) {
      copy[lead] = truth[lead].clone();
      for (int t = 0; t < LENGTH; t++) {
        copy[lead][t] += deviation * random.nextGaussian();
      }
    }
    return copy;
  }

  private static double[] moments(double[][] truth, double[][] prediction) {
    double[] sums = new double[truth.length * WindowMoments.SUMS];
    for (int lead = 0; lead < truth.length; lead++) {
      for (int t = 0; t < truth[lead].length; t++) {
        double y = truth[lead][t];
        double p = prediction[lead][t];
        double[] terms = {(p - y) * (p - y), Math.abs(p - y), y, y * y, p, p * p, y * p};
        for (int k = 0; k < terms.length; k++) {
          sums[lead * WindowMoments.SUMS + k] += terms[k];
        }
      }
    }
    return sums;
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = java.util.Arrays.stream(a).average().orElseThrow();
    double meanB = java.util.Arrays.stream(b).average().orElseThrow();
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int t = 0; t < a.length; t++) {
      ab += (a[t] - meanA) * (b[t] - meanB);
      aa += (a[t] - meanA) * (a[t] - meanA);
      bb += (b[t] - meanB) * (b[t] - meanB);
    }
    return ab / Math.sqrt(aa * bb);
  }
}
