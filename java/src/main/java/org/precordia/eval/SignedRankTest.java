// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Wilcoxon's signed-rank test of pairs (Wilcoxon 1945), two-sided: whether differences a − b lie
 * about 0. Pairs without a difference are dropped, tied magnitudes share their mean rank. Up to 50
 * pairs without zeros and ties have the exact null distribution, others the normal approximation
 * with its variance corrected for ties and no correction for continuity.
 *
 * @param pairs pairs that have both values, those without a difference among them
 * @param shift median of the means of all pairs of differences (Hodges &amp; Lehmann 1963); NaN
 *     without pairs
 * @param p probability, where the two are alike, of a rank sum at least as far from its mean; NaN
 *     without a difference
 */
public record SignedRankTest(int pairs, double shift, double p) {
  private static final int EXACT = 50;

  /**
   * Tests pairs.
   *
   * @param a values of one side; a pair with a NaN on either side is left out
   * @param b values of the other side, in the same order
   */
  public static SignedRankTest of(double[] a, double[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(a.length + " values are paired with " + b.length);
    }
    double[] differences =
        IntStream.range(0, a.length)
            .mapToDouble(i -> a[i] - b[i])
            .filter(d -> !Double.isNaN(d))
            .sorted()
            .toArray();
    return new SignedRankTest(differences.length, shift(differences), p(differences));
  }

  private static double p(double[] differences) {
    double[] nonZero =
        Arrays.stream(differences)
            .filter(d -> d != 0)
            .boxed()
            .sorted((x, y) -> Double.compare(Math.abs(x), Math.abs(y)))
            .mapToDouble(d -> d)
            .toArray();
    int n = nonZero.length;
    double positive = 0;
    double ties = 0; // Σ t³ − t over groups of t equal magnitudes
    int begin = 0;
    while (begin < n) {
      int end = begin + 1;
      while (end < n && Math.abs(nonZero[end]) == Math.abs(nonZero[begin])) {
        end++;
      }
      double rank = (begin + 1 + end) / 2.0;
      for (int i = begin; i < end; i++) {
        positive += nonZero[i] > 0 ? rank : 0;
      }
      double t = (double) end - begin;
      ties += t * t * t - t;
      begin = end;
    }
    double total = n * (n + 1.0) / 2;
    if (n <= EXACT && n == differences.length && ties == 0) {
      return n == 0 ? Double.NaN : exact(n, (int) Math.min(positive, total - positive));
    }
    double variance = n * (n + 1.0) * (2 * n + 1.0) / 24 - ties / 48;
    double z = Math.abs(positive - total / 2) / Math.sqrt(variance);
    return Math.min(1, 2 * NormalTail.above(z));
  }

  /** Twice the share of sign patterns whose positive ranks sum to so much or less. */
  private static double exact(int n, int smallerSum) {
    double[] share = new double[n * (n + 1) / 2 + 1];
    share[0] = 1;
    for (int rank = 1; rank <= n; rank++) {
      for (int sum = rank * (rank + 1) / 2; sum >= 0; sum--) {
        share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2;
      }
    }
    return Math.min(1, 2 * Arrays.stream(share, 0, smallerSum + 1).sum());
  }

  /** The median of (dᵢ + dⱼ)/2 over i ≤ j. */
  private static double shift(double[] sorted) {
    long n = sorted.length;
    long pairs = n * (n + 1) / 2;
    if (pairs == 0) {
      return Double.NaN;
    }
    double upper = meanOfRank(sorted, pairs / 2 + 1);
    return pairs % 2 == 1 ? upper : (meanOfRank(sorted, pairs / 2) + upper) / 2;
  }

  /**
   * The k-th smallest mean of two, found by halving the range of doubles: a quadratic number of
   * means need not be held.
   */
  private static double meanOfRank(double[] sorted, long k) {
    long low = key(sorted[0]);
    long high = key(sorted[sorted.length - 1]);
    while (low < high) {
      long middle = (low & high) + ((low ^ high) >> 1); // the floor of their mean, no overflow
      if (meansUpTo(sorted, value(middle)) >= k) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return value(low);
  }

  private static long meansUpTo(double[] sorted, double limit) {
    long count = 0;
    int last = sorted.length - 1;
    for (int i = 0; i <= last; i++) {
      while (last >= i && (sorted[i] + sorted[last]) / 2 > limit) {
        last--;
      }
      count += last - i + 1;
    }
    return count;
  }

  /** A number that orders as the double does. */
  private static long key(double value) {
    long bits = Double.doubleToLongBits(value + 0.0); // no negative zero
    return bits >= 0 ? bits : Long.MIN_VALUE - bits;
  }

  private static double value(long key) {
    return Double.longBitsToDouble(key >= 0 ? key : Long.MIN_VALUE - key);
  }
}
