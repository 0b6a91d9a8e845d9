// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.Arrays;

/**
 * An interval that holds the median of a distribution with 95 % confidence, whatever its form:
 * between two order statistics of a sample (David and Nagaraja, <i>Order Statistics</i>, section
 * 7.1). Below six values there is none.
 *
 * @param low lower bound, NaN where there is none
 * @param high upper bound, NaN where there is none
 */
public record MedianInterval(double low, double high) {
  private static final double LEVEL = 0.05;
  private static final MedianInterval NONE = new MedianInterval(Double.NaN, Double.NaN);

  /** The interval of independent values. */
  static MedianInterval of(double... values) {
    int n = values.length;
    // Outside the k-th smallest and largest lies the median with probability 2 · P(Bin(n, ½) < k).
    double outside = 0;
    double term = Math.pow(0.5, n);
    int k = 0;
    while (k < n && 2 * (outside + term) <= LEVEL) {
      outside += term;
      term *= (double) (n - k) / (k + 1);
      k++;
    }
    if (k == 0) {
      return NONE;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new MedianInterval(sorted[k - 1], sorted[n - k]);
  }

  /** Whether there were enough values. */
  public boolean known() {
    return !Double.isNaN(low);
  }
}
