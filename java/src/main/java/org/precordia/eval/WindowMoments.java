// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/**
 * Scores of one lead in one window, from the seven sums over time that {@code reconstruction_loss}
 * writes: Σe², Σ|e|, Σy, Σy², Σp, Σp², Σyp with truth y, prediction p (mV) and e = p − y.
 */
final class WindowMoments {
  /** Sums a lead and window. */
  static final int SUMS = 7;

  /** Windows whose true deviation is smaller have no meaningful correlation, in mV. */
  static final double FLAT_DEVIATION = 0.01;

  private final double[] sums;
  private final int offset;
  private final int length;

  /**
   * @param sums where the seven sums lie
   * @param offset of the first one
   * @param length samples of the window
   */
  WindowMoments(double[] sums, int offset, int length) {
    this.sums = sums;
    this.offset = offset;
    this.length = length;
  }

  double squaredError() {
    return sums[offset];
  }

  double absoluteError() {
    return sums[offset + 1];
  }

  double truth() {
    return sums[offset + 2];
  }

  double squaredTruth() {
    return sums[offset + 3];
  }

  /** Root mean square error of the window in mV. */
  double rmse() {
    return Math.sqrt(squaredError() / length);
  }

  /** Σ(y − ȳ)². */
  double truthScatter() {
    return Math.max(0, squaredTruth() - truth() * truth() / length);
  }

  /** Whether the truth is too flat for a correlation. */
  boolean flat() {
    return Math.sqrt(truthScatter() / length) < FLAT_DEVIATION;
  }

  /** Whether the prediction does not vary: its scatter is rounding alone. */
  boolean constantPrediction() {
    return predictionScatter() <= 1e-12 * Math.max(sums[offset + 5], 1e-12);
  }

  /** Pearson's correlation; 0 where the prediction does not vary. */
  double pearson() {
    if (constantPrediction()) {
      return 0;
    }
    double covariance = sums[offset + 6] - truth() * sums[offset + 4] / length;
    return covariance / Math.sqrt(truthScatter() * predictionScatter());
  }

  /** 1 − Σe² / Σ(y − ȳ)², ȳ of the window. */
  double r2() {
    return 1 - squaredError() / truthScatter();
  }

  private double predictionScatter() {
    double sum = sums[offset + 4];
    return Math.max(0, sums[offset + 5] - sum * sum / length);
  }
}
