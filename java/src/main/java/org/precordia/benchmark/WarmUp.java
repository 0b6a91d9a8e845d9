// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.Arrays;

/**
 * Says when passes have become steady: when the medians of the last {@value #MEDIANS} groups of
 * {@value #GROUP} lie within {@value #TOLERANCE} of each other.
 */
final class WarmUp {
  static final int GROUP = 3;
  static final int MEDIANS = 3;
  static final double TOLERANCE = 0.03;

  private final double[] group = new double[GROUP];
  private final double[] medians = new double[MEDIANS];
  private int passes;

  /** Takes note of a pass. */
  void pass(double milliseconds) {
    group[passes % GROUP] = milliseconds;
    passes++;
    if (passes % GROUP == 0) {
      medians[(passes / GROUP - 1) % MEDIANS] = Timing.median(group);
    }
  }

  /** Whether passes have become steady. */
  boolean steady() {
    if (passes < GROUP * MEDIANS) {
      return false;
    }
    double least = Arrays.stream(medians).min().orElseThrow();
    double most = Arrays.stream(medians).max().orElseThrow();
    return most <= (1 + TOLERANCE) * least;
  }
}
