// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/** Upper tail of the standard normal distribution, to about 1e-12 of its value. */
final class NormalTail {
  private static final double SERIES_LIMIT = 3;
  private static final int TERMS = 100;

  private NormalTail() {}

  /** P(Z &gt; z). */
  static double above(double z) {
    if (z < 0) {
      return 1 - above(-z);
    }
    double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    return z < SERIES_LIMIT ? 0.5 - density * series(z) : density / fraction(z);
  }

  /** Σ z^(2k+1) / (1·3·5 … (2k+1)): all terms are positive, nothing cancels. */
  private static double series(double z) {
    double term = z;
    double sum = z;
    for (int k = 1; k < TERMS; k++) {
      term *= z * z / (2 * k + 1);
      sum += term;
    }
    return sum;
  }

  /** Laplace's continued fraction z + 1/(z + 2/(z + 3/(z + …))). */
  private static double fraction(double z) {
    double value = z;
    for (int k = TERMS; k > 0; k--) {
      value = z + k / value;
    }
    return value;
  }
}
