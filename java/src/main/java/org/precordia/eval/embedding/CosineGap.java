// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import org.precordia.model.NearestNeighbours;

/**
 * How much nearer records lie to each other that share something: mean cosine of such pairs against
 * that of all others, pairs of one patient left out.
 *
 * @param positive mean cosine of pairs that share it; NaN where there are none
 * @param negative mean cosine of the others
 * @param positives number of pairs that share it
 * @param negatives number of others
 */
public record CosineGap(double positive, double negative, long positives, long negatives) {
  /** Tells whether two records share what is asked about. */
  interface Sharing {
    boolean shared(int i, int j);
  }

  /**
   * @param rows of length 1
   * @param patients whose they are
   */
  static CosineGap of(float[][] rows, int[] patients, Sharing sharing) {
    double[] sums = new double[2];
    long[] counts = new long[2];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < i; j++) {
        if (patients[i] != patients[j]) {
          int kind = sharing.shared(i, j) ? 0 : 1;
          sums[kind] += 1 - 0.5 * NearestNeighbours.squaredDistance(rows[i], rows[j]);
          counts[kind]++;
        }
      }
    }
    return new CosineGap(sums[0] / counts[0], sums[1] / counts[1], counts[0], counts[1]);
  }

  /** Positive minus negative. */
  public double gap() {
    return positive - negative;
  }
}
