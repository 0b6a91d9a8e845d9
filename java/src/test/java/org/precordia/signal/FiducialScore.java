// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.Arrays;
import java.util.Locale;

/**
 * Compares found with true moments of one kind of fiducial: a found one is right when a true one
 * lies within 150 ms, the tolerance of ANSI/AAMI EC57 for beats, and no other has taken it.
 */
final class FiducialScore {
  static final double TOLERANCE = 0.150;

  int right;
  int missed;
  int wrong;
  private double[] errors = new double[64];

  /** Counts a pair, in seconds; NaN where one is absent. */
  void add(double truth, double found) {
    boolean match = Math.abs(found - truth) <= TOLERANCE;
    if (match) {
      if (right == errors.length) {
        errors = Arrays.copyOf(errors, 2 * right);
      }
      errors[right++] = found - truth;
    } else {
      missed += Double.isNaN(truth) ? 0 : 1;
      wrong += Double.isNaN(found) ? 0 : 1;
    }
  }

  double sensitivity() {
    return (double) right / (right + missed);
  }

  double precision() {
    return (double) right / (right + wrong);
  }

  /** Mean of found − true in ms. */
  double mean() {
    return 1000 * Arrays.stream(errors, 0, right).average().orElse(Double.NaN);
  }

  /** Standard deviation of found − true in ms. */
  double deviation() {
    double mean = mean();
    double sum =
        Arrays.stream(errors, 0, right).map(e -> (1000 * e - mean) * (1000 * e - mean)).sum();
    return Math.sqrt(sum / (right - 1));
  }

  /** Sensitivity and precision in percent, mean and deviation of the error in ms. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.1f / %.1f, %+.1f ± %.1f",
        100 * sensitivity(),
        100 * precision(),
        mean(),
        deviation());
  }
}
