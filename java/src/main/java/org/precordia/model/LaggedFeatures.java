// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

/**
 * What a {@link LaggedRidge} regresses on, for each sample t of a window of standardised inputs x:
 * x of t − 16 to t + 16 (160 ms at 100 Hz to either side; zero outside the window, as a convolution
 * pads), the logarithm of each input's root mean square over the window, x of t times these, and 1.
 */
record LaggedFeatures(int inputs, int window) {
  /** Samples to either side. */
  static final int LAGS = 16;

  /** A silent input has no logarithm: the least root mean square, in deviations. */
  private static final double LEAST_RMS = 1e-3;

  /** Number of features. */
  int count() {
    return inputs * (2 * LAGS + 1) + inputs * inputs + inputs + 1;
  }

  /**
   * Writes the features of one window.
   *
   * @param x standardised inputs, where the window begins at {@code from}: [L, n]
   * @param rows receives [L] rows; each may be longer
   */
  void fill(float[] x, int from, double[][] rows) {
    double[] logRms = logRms(x, from);
    for (int t = 0; t < window; t++) {
      double[] row = rows[t];
      int at = 0;
      for (int lag = -LAGS; lag <= LAGS; lag++) {
        boolean inside = t + lag >= 0 && t + lag < window;
        for (int i = 0; i < inputs; i++) {
          row[at++] = inside ? x[from + (t + lag) * inputs + i] : 0;
        }
      }
      for (int i = 0; i < inputs; i++) {
        for (int j = 0; j < inputs; j++) {
          row[at++] = x[from + t * inputs + i] * logRms[j];
        }
      }
      for (int j = 0; j < inputs; j++) {
        row[at++] = logRms[j];
      }
      row[at] = 1;
    }
  }

  private double[] logRms(float[] x, int from) {
    double[] values = new double[inputs];
    for (int i = 0; i < inputs; i++) {
      double squares = 0;
      for (int t = 0; t < window; t++) {
        double value = x[from + t * inputs + i];
        squares += value * value;
      }
      values[i] = Math.log(Math.max(LEAST_RMS, Math.sqrt(squares / window)));
    }
    return values;
  }
}
