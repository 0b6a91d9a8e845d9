// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Percentile intervals from resamples of whole patients (Efron &amp; Tibshirani 1993, chapter 13;
 * windows of one patient are not independent). All rows of a table see the same resamples, so a
 * difference of two rows is paired.
 */
public final class PatientBootstrap {
  /** Resamples of an evaluation. */
  public static final int RESAMPLES = 2000;

  /** With fewer patients no interval is claimed. */
  public static final int FEWEST_PATIENTS = 30;

  private static final double TAIL = 0.025;
  private static final long SEED = 20260317;

  private final int[][] times;

  /**
   * @param patients number of patients
   * @param resamples number of resamples
   * @param seed of the resampling
   */
  public PatientBootstrap(int patients, int resamples, long seed) {
    Random random = new Random(seed);
    times = new int[patients < FEWEST_PATIENTS ? 0 : resamples][patients];
    for (int[] resample : times) {
      for (int draw = 0; draw < patients; draw++) {
        resample[random.nextInt(patients)]++;
      }
    }
  }

  /** The resamples that every table sees. */
  static PatientBootstrap standard(int patients) {
    return new PatientBootstrap(patients, RESAMPLES, SEED);
  }

  /** Number of resamples; 0 with too few patients. */
  int resamples() {
    return times.length;
  }

  /** How often a resample has each patient. */
  int[] times(int resample) {
    return times[resample];
  }

  /** Whether there are patients enough. */
  boolean available() {
    return times.length > 0;
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

  /** Mean over those patients that have a value; NaN when none has. */
  static double mean(double[] patients) {
    return Arrays.stream(patients).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
  }

  /**
   * Interval of the mean over patients.
   *
   * @param patients a value a patient; NaN where a patient has none
   * @return null when fewer patients have one than an interval is claimed for
   */
  Interval interval(double[] patients) {
    int[] known =
        IntStream.range(0, patients.length).filter(p -> !Double.isNaN(patients[p])).toArray();
    if (known.length < FEWEST_PATIENTS) {
      return null;
    }
    return interval(
        times.length,
        i -> {
          double sum = 0;
          int count = 0;
          for (int patient : known) {
            sum += times[i][patient] * patients[patient];
            count += times[i][patient];
          }
          return sum / count;
        });
  }

  /**
   * The interval of a figure of sums over patients.
   *
   * @param sums what each patient adds, {@code [patient][sum]}
   * @param figure of such sums; NaN where a resample leaves it undefined, which then does not count
   * @return null when there are too few patients
   */
  public Interval interval(double[][] sums, ToDoubleFunction<double[]> figure) {
    return interval(
        times.length,
        i -> {
          double[] total = new double[sums[0].length];
          for (int patient = 0; patient < sums.length; patient++) {
            int count = times[i][patient];
            for (int s = 0; count != 0 && s < total.length; s++) {
              total[s] += count * sums[patient][s];
            }
          }
          return figure.applyAsDouble(total);
        });
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
