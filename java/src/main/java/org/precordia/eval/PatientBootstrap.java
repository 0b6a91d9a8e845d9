// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * Percentile intervals from resamples of whole patients (Efron &amp; Tibshirani 1993, chapter 13;
 * windows of one patient are not independent). All rows of a table see the same resamples, so a
 * difference of two rows is paired.
 */
final class PatientBootstrap {
  /** Resamples of an evaluation. */
  static final int RESAMPLES = 2000;

  /** With fewer patients no interval is claimed. */
  static final int FEWEST_PATIENTS = 30;

  private static final double TAIL = 0.025;

  private final int[][] times;

  /**
   * @param patients number of patients
   * @param resamples number of resamples
   * @param seed of the resampling
   */
  PatientBootstrap(int patients, int resamples, long seed) {
    Random random = new Random(seed);
    times = new int[patients < FEWEST_PATIENTS ? 0 : resamples][patients];
    for (int[] resample : times) {
      for (int draw = 0; draw < patients; draw++) {
        resample[random.nextInt(patients)]++;
      }
    }
  }

  /** Whether there are patients enough. */
  boolean available() {
    return times.length > 0;
  }

  /** Number of resamples; 0 when there are too few patients. */
  int resamples() {
    return times.length;
  }

  /** How often each patient counts in a resample. */
  int[] times(int resample) {
    return times[resample];
  }

  /**
   * Sums of every resample for one row.
   *
   * @return {@code [resample][sum]}; empty when there are too few patients
   */
  double[][] totals(PatientSums sums) {
    double[][] totals = new double[times.length][];
    for (int i = 0; i < times.length; i++) {
      totals[i] = sums.total(times[i]);
    }
    return totals;
  }

  /** The 2.5 and 97.5 percentiles of a figure over resamples; null when there are none. */
  static Interval interval(int resamples, ToDoubleFunction<Integer> figure) {
    double[] values = new double[resamples];
    int count = 0;
    for (int i = 0; i < resamples; i++) {
      double value = figure.applyAsDouble(i);
      if (!Double.isNaN(value)) {
        values[count++] = value;
      }
    }
    if (count == 0) {
      return null;
    }
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return new Interval(percentile(sorted, TAIL), percentile(sorted, 1 - TAIL));
  }

  /** Linear interpolation between order statistics. */
  static double percentile(double[] sorted, double fraction) {
    double position = fraction * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
