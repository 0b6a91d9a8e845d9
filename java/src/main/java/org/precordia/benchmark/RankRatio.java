// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.Arrays;

/**
 * How many times larger the values of one sample are than those of another, and between which
 * bounds that ratio lies with 95 % confidence: the median of all pairwise ratios (Hodges and
 * Lehmann 1963, on logarithms) and those pairwise ratios that the rank-sum test does not reject
 * (Moses 1965; exact null distribution of Mann and Whitney 1947). No form of distribution is
 * assumed but that one sample is the other times a factor.
 *
 * @param estimate the ratio, NaN when a sample is empty
 * @param low lower bound, NaN when the samples are too small for one
 * @param high upper bound, NaN likewise
 */
public record RankRatio(double estimate, double low, double high) {
  private static final double LEVEL = 0.05;
  private static final double NORMAL_QUANTILE = 1.96;

  /** Larger samples are judged by the normal approximation. */
  private static final int EXACT = 40;

  /** The ratio of {@code other} to {@code base}, all values positive. */
  public static RankRatio of(double[] base, double[] other) {
    double[] ratios = new double[base.length * other.length];
    for (int i = 0; i < base.length; i++) {
      for (int j = 0; j < other.length; j++) {
        ratios[i * other.length + j] = other[j] / base[i];
      }
    }
    Arrays.sort(ratios);
    int skipped = rejected(base.length, other.length);
    if (skipped == 0) {
      return new RankRatio(Timing.median(ratios), Double.NaN, Double.NaN);
    }
    return new RankRatio(
        Timing.median(ratios), ratios[skipped - 1], ratios[ratios.length - skipped]);
  }

  /** Whether the samples were large enough for bounds. */
  public boolean bounded() {
    return !Double.isNaN(low);
  }

  /** The largest k with 2 · P(U &lt; k) within the level; 0 when there is none. */
  private static int rejected(int m, int n) {
    if (Math.max(m, n) > EXACT) {
      double deviation = Math.sqrt((double) m * n * (m + n + 1) / 12);
      return (int) Math.max(0, (double) m * n / 2 - NORMAL_QUANTILE * deviation);
    }
    double[] probability = nullDistribution(m, n);
    double below = 0;
    int k = 0;
    while (k < probability.length && 2 * (below + probability[k]) <= LEVEL) {
      below += probability[k];
      k++;
    }
    return k;
  }

  /** Probability that U is 0, 1, ... m·n when both samples are of one distribution. */
  private static double[] nullDistribution(int m, int n) {
    // The largest of all values belongs to the first sample with probability i / (i + j), and is
    // then larger than j values of the second.
    double[][] row = new double[n + 1][m * n + 1];
    for (double[] distribution : row) {
      distribution[0] = 1;
    }
    for (int i = 1; i <= m; i++) {
      for (int j = 1; j <= n; j++) {
        double first = (double) i / (i + j);
        for (int u = i * j; u >= 0; u--) {
          double larger = u >= j ? row[j][u - j] : 0;
          row[j][u] = first * larger + (1 - first) * row[j - 1][u];
        }
      }
    }
    return row[n];
  }
}
