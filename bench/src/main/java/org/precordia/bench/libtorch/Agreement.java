// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

/** Whether two contestants computed the same. */
final class Agreement {
  /** Largest difference over the largest value that fp32 sums in other orders may have. */
  static final double TOLERANCE = 1e-3;

  private Agreement() {}

  /** Largest difference, over the largest value of the reference. */
  static double error(float[] reference, float[] other) {
    if (reference.length != other.length) {
      throw new IllegalStateException(
          "%d values beside %d".formatted(other.length, reference.length));
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < reference.length; i++) {
      double here = Math.abs((double) reference[i] - other[i]);
      largest = Math.max(largest, Math.abs(reference[i]));
      // NaN is greater than nothing.
      difference = here <= difference ? difference : here;
    }
    return difference / largest;
  }

  /**
   * Compares.
   *
   * @throws IllegalStateException when they differ by more than {@link #TOLERANCE}
   */
  static double check(String task, float[] reference, float[] other) {
    double error = error(reference, other);
    if (!(error <= TOLERANCE)) {
      throw new IllegalStateException(
          "%s: the results differ by %.2g of the largest value; nothing was timed"
              .formatted(task, error));
    }
    return error;
  }
}
