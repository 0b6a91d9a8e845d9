// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

/**
 * The dyadic wavelet transform with the derivative of a smoothing function, a quadratic spline, as
 * wavelet, without decimation (algorithme à trous): Mallat and Zhong, <i>Characterization of
 * signals from multiscale edges</i>, IEEE Trans. Pattern Anal. Mach. Intell. 1992. At scale 2^k the
 * transform is proportional to the slope of the signal smoothed over about 2^k samples: a rise
 * gives a positive maximum, a fall a negative one, a peak a zero crossing between two of them.
 *
 * <p>The low-pass has the taps 1 3 3 1 over 8, the high-pass 2 and −2, both with 2^(k−1) − 1 zeros
 * between taps at scale 2^k. They are centred such that at every scale element {@code n} lies half
 * a sample before sample {@code n}. The signal goes on beyond its ends with its last value.
 */
final class QuadraticSplineWavelet {
  /** Element n of the transform lies at sample n minus this. */
  static final double DELAY = 0.5;

  private QuadraticSplineWavelet() {}

  /**
   * Transforms a signal.
   *
   * @param signal samples, at least one, no NaN
   * @param scales number of scales
   * @return {@code [k - 1][sample]}, the transform at scale 2^k
   */
  static double[][] transform(double[] signal, int scales) {
    int last = signal.length - 1;
    double[][] transform = new double[scales][signal.length];
    double[] smooth = signal;
    for (int k = 0; k < scales; k++) {
      int step = 1 << k;
      double[] next = new double[signal.length];
      for (int n = 0; n <= last; n++) {
        double before = smooth[Math.max(0, n - step)];
        double here = smooth[n];
        double after = smooth[Math.min(last, n + step)];
        double farAfter = smooth[Math.min(last, n + 2 * step)];
        transform[k][n] = 2 * (here - before);
        next[n] = (before + 3 * here + 3 * after + farAfter) / 8;
      }
      smooth = next;
    }
    return transform;
  }
}
