// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.Arrays;

/**
 * The median of a centred window of odd width at every sample; beyond its ends the signal repeats
 * its end samples (scipy's {@code ndimage.median_filter} with {@code mode='nearest'}).
 */
public final class RunningMedian {
  private final int width;

  /**
   * A running median.
   *
   * @param width samples in the window, odd
   */
  public RunningMedian(int width) {
    if (width < 1 || width % 2 == 0) {
      throw new IllegalArgumentException("window must be odd, was " + width + " samples");
    }
    this.width = width;
  }

  /** The odd number of samples nearest to, and not below, {@code seconds} at {@code rate} Hz. */
  public static int oddWidth(double seconds, double rate) {
    return 2 * (int) Math.floor(seconds * rate / 2 + 1e-9) + 1;
  }

  /**
   * Computes the running median.
   *
   * @param signal samples, not modified; no NaN
   * @return a new array of the same length
   */
  public double[] apply(double[] signal) {
    int length = signal.length;
    double[] result = new double[length];
    if (length == 0) {
      return result;
    }
    int half = width / 2;
    double[] sorted = new double[width];
    for (int i = -half; i <= half; i++) {
      sorted[i + half] = signal[Math.clamp(i, 0, length - 1)];
    }
    Arrays.sort(sorted);
    for (int i = 0; ; i++) {
      result[i] = sorted[half];
      if (i == length - 1) {
        return result;
      }
      double leaving = signal[Math.max(i - half, 0)];
      double entering = signal[Math.min(i + half + 1, length - 1)];
      replace(sorted, leaving, entering);
    }
  }

  /** Takes one value out of a sorted array and puts another in, keeping the order. */
  private static void replace(double[] sorted, double leaving, double entering) {
    int at = Arrays.binarySearch(sorted, leaving);
    while (at + 1 < sorted.length && sorted[at + 1] < entering) {
      sorted[at] = sorted[at + 1];
      at++;
    }
    while (at > 0 && sorted[at - 1] > entering) {
      sorted[at] = sorted[at - 1];
      at--;
    }
    sorted[at] = entering;
  }
}
