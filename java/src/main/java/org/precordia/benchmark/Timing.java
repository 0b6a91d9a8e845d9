// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Times of passes in milliseconds, kept by the rounds that they were taken in. */
public final class Timing {
  private final List<double[]> rounds = new ArrayList<>();
  private double[] sorted = {};

  /** Adds the passes of a round; a round without passes is no round. */
  public Timing add(double... milliseconds) {
    if (milliseconds.length > 0) {
      rounds.add(milliseconds.clone());
      sorted = rounds.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    }
    return this;
  }

  /** Number of passes. */
  public int passes() {
    return sorted.length;
  }

  /** Median over all passes. */
  public double medianMs() {
    return quantile(sorted, 0.5);
  }

  /** A quantile over all passes, {@code share} in [0, 1]. */
  public double quantileMs(double share) {
    return quantile(sorted, share);
  }

  /** Median of each round. */
  public double[] rounds() {
    return rounds.stream().mapToDouble(Timing::median).toArray();
  }

  /**
   * 95 % interval of the median, from the rounds: passes of one round share its circumstances and
   * are not independent.
   */
  public MedianInterval interval() {
    return MedianInterval.of(rounds());
  }

  static double median(double... values) {
    double[] ordered = values.clone();
    Arrays.sort(ordered);
    return quantile(ordered, 0.5);
  }

  /** Linear between neighbouring values; NaN of none. */
  private static double quantile(double[] ordered, double share) {
    if (ordered.length == 0) {
      return Double.NaN;
    }
    double position = share * (ordered.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, ordered.length - 1);
    return ordered[below] + (position - below) * (ordered[above] - ordered[below]);
  }
}
