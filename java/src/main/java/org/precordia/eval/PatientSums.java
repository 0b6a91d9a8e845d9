// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;

/**
 * What the metrics of one row need, summed per patient, so that a resample of patients is a sum of
 * rows. Columns hold the leads in order and then the mean over leads.
 *
 * <p>For the mean column the summand of a window is the mean over its leads (of those with a
 * correlation, for correlation and R² of the window); squared errors are pooled over leads.
 */
final class PatientSums {
  private static final int WINDOWS = 0;
  private static final int RMSE = 1;
  private static final int SAMPLES = 2;
  private static final int SQUARED_ERROR = 3;
  private static final int ABSOLUTE_ERROR = 4;
  private static final int CORRELATED = 5;
  private static final int PEARSON = 6;
  private static final int R2_WINDOW = 7;
  private static final int TRUTH = 8;
  private static final int SQUARED_TRUTH = 9;
  private static final int SUMS = 10;

  private final int leads;
  private final int length;
  private final double[][] sums;
  private boolean varies;

  /**
   * @param patients number of patients
   * @param leads number of target leads
   * @param length samples of a window
   */
  PatientSums(int patients, int leads, int length) {
    this.leads = leads;
    this.length = length;
    this.sums = new double[patients][(leads + 1) * SUMS];
  }

  int leads() {
    return leads;
  }

  int patients() {
    return sums.length;
  }

  /**
   * Adds one window.
   *
   * @param patient index of its patient
   * @param moments where the window's sums lie, {@code [leads][7]}
   * @param offset of the first one
   */
  void add(int patient, double[] moments, int offset) {
    double[] row = sums[patient];
    int mean = leads * SUMS;
    double rmse = 0;
    double pearson = 0;
    double r2 = 0;
    int correlated = 0;
    for (int lead = 0; lead < leads; lead++) {
      WindowMoments m = new WindowMoments(moments, offset + lead * WindowMoments.SUMS, length);
      int at = lead * SUMS;
      row[at + WINDOWS]++;
      row[at + RMSE] += m.rmse();
      row[at + SAMPLES] += length;
      row[at + SQUARED_ERROR] += m.squaredError();
      row[at + ABSOLUTE_ERROR] += m.absoluteError();
      row[at + TRUTH] += m.truth();
      row[at + SQUARED_TRUTH] += m.squaredTruth();
      rmse += m.rmse();
      row[mean + SAMPLES] += length;
      row[mean + SQUARED_ERROR] += m.squaredError();
      row[mean + ABSOLUTE_ERROR] += m.absoluteError();
      varies |= !m.constantPrediction();
      if (!m.flat()) {
        row[at + CORRELATED]++;
        row[at + PEARSON] += m.pearson();
        row[at + R2_WINDOW] += m.r2();
        correlated++;
        pearson += m.pearson();
        r2 += m.r2();
      }
    }
    row[mean + WINDOWS]++;
    row[mean + RMSE] += rmse / leads;
    if (correlated > 0) {
      row[mean + CORRELATED]++;
      row[mean + PEARSON] += pearson / correlated;
      row[mean + R2_WINDOW] += r2 / correlated;
    }
  }

  /** Sums of one patient alone. */
  double[] sums(int patient) {
    return sums[patient];
  }

  /** Sums over patients, each counted as often as {@code times} says. */
  double[] total(int[] times) {
    double[] total = new double[(leads + 1) * SUMS];
    for (int patient = 0; patient < sums.length; patient++) {
      int factor = times[patient];
      if (factor != 0) {
        double[] row = sums[patient];
        for (int i = 0; i < total.length; i++) {
          total[i] += factor * row[i];
        }
      }
    }
    return total;
  }

  /** Sums over all patients. */
  double[] total() {
    int[] once = new int[sums.length];
    Arrays.fill(once, 1);
    return total(once);
  }

  /** Windows of lead {@code column}, all or those with a correlation. */
  long windows(double[] total, int column, boolean withCorrelation) {
    return Math.round(total[column * SUMS + (withCorrelation ? CORRELATED : WINDOWS)]);
  }

  /**
   * A metric from sums over patients.
   *
   * @param column lead index, or the number of leads for the mean
   * @return NaN when no window has it; a correlation with constant predictions throughout is NaN
   */
  double value(Metric metric, double[] total, int column) {
    int at = column * SUMS;
    return switch (metric) {
      case RMSE_WINDOW -> total[at + RMSE] / total[at + WINDOWS];
      case RMSE_POOLED -> Math.sqrt(total[at + SQUARED_ERROR] / total[at + SAMPLES]);
      case MAE -> total[at + ABSOLUTE_ERROR] / total[at + SAMPLES];
      case PEARSON -> varies ? total[at + PEARSON] / total[at + CORRELATED] : Double.NaN;
      case R2_WINDOW -> total[at + R2_WINDOW] / total[at + CORRELATED];
      case R2 -> column < leads ? foldR2(total, at) : meanOfLeadsR2(total);
    };
  }

  private double meanOfLeadsR2(double[] total) {
    double sum = 0;
    for (int lead = 0; lead < leads; lead++) {
      sum += foldR2(total, lead * SUMS);
    }
    return sum / leads;
  }

  private static double foldR2(double[] total, int at) {
    double truth = total[at + TRUTH];
    double scatter = total[at + SQUARED_TRUTH] - truth * truth / total[at + SAMPLES];
    return 1 - total[at + SQUARED_ERROR] / scatter;
  }
}
