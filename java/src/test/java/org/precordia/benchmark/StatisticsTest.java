// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.precordia.signal.Philox;

/** Medians, quantiles and intervals: against tables, by coverage and by properties. */
class StatisticsTest {
  @Test
  void quantilesInterpolateOverAllPasses() {
    Timing timing = new Timing().add(4, 1).add(2, 3, 5).add();
    assertEquals(5, timing.passes());
    assertEquals(3, timing.medianMs());
    assertEquals(1.4, timing.quantileMs(0.1), 1e-12);
    assertEquals(5, timing.quantileMs(1));
    assertArrayEquals(new double[] {2.5, 3}, timing.rounds());
  }

  @Test
  void theMedianIntervalHasTheTabulatedRanks() {
    // Ranks of the 95 % interval of the median for n = 6, 8, 9, 12, 15, 20, by the binomial table.
    int[][] tables = {{6, 1}, {8, 1}, {9, 2}, {12, 3}, {15, 4}, {20, 6}};
    for (int[] table : tables) {
      int n = table[0];
      double[] ranks = DoubleStream.iterate(1, i -> i + 1).limit(n).toArray();
      MedianInterval interval = MedianInterval.of(ranks);
      assertEquals(table[1], interval.low(), "n " + n);
      assertEquals(n + 1 - table[1], interval.high(), "n " + n);
    }
    assertFalse(MedianInterval.of(1, 2, 3, 4, 5).known());
  }

  @Test
  void theRatioIntervalHasTheTabulatedRanks() {
    // Critical values of the two-sided rank-sum test at 5 %: U <= 2 at 5 and 5, 8 at 7 and 7, so
    // the third and the ninth smallest ratio are the bounds.
    assertEquals(3, rank(5), 1e-9);
    assertEquals(9, rank(7), 1e-9);
    assertEquals(1, rank(4), 1e-9);
    RankRatio three = RankRatio.of(new double[] {1, 1, 1}, new double[] {1, 2, 3});
    assertFalse(three.bounded());
    assertEquals(2, three.estimate());
  }

  /** With powers of a base that make all ratios distinct, the rank of the lower bound. */
  private static double rank(int n) {
    double[] base = new double[n];
    double[] other = new double[n];
    for (int i = 0; i < n; i++) {
      base[i] = Math.pow(2, i);
      other[i] = Math.pow(2, (double) n * i);
    }
    double low = RankRatio.of(base, other).low();
    int rank = 0;
    for (double o : other) {
      for (double b : base) {
        rank += o / b <= low ? 1 : 0;
      }
    }
    return rank;
  }

  @Test
  void largeSamplesFollowTheExactDistribution() {
    double[] small = random(40, 1, 1);
    double[] large = random(41, 2, 1);
    RankRatio exact = RankRatio.of(small, random(40, 3, 1));
    RankRatio normal = RankRatio.of(small, large);
    double width = exact.high() / exact.low();
    assertEquals(width, normal.high() / normal.low(), 0.3 * (width - 1));
  }

  @Test
  void theRatioIntervalCoversTheTrueFactor() {
    int covered = 0;
    int draws = 400;
    for (int draw = 0; draw < draws; draw++) {
      RankRatio ratio = RankRatio.of(random(7, 2 * draw, 1), random(7, 2 * draw + 1, 1.2));
      covered += ratio.low() <= 1.2 && ratio.high() >= 1.2 ? 1 : 0;
    }
    assertTrue(covered >= 0.93 * draws, covered + " of " + draws);
  }

  @Test
  void theRatioTurnsRoundWithItsSamples() {
    double[] base = random(7, 1, 1);
    double[] other = random(6, 2, 1.5);
    RankRatio forth = RankRatio.of(base, other);
    RankRatio back = RankRatio.of(other, base);
    assertEquals(1 / forth.low(), back.high(), 1e-12);
    assertEquals(1 / forth.high(), back.low(), 1e-12);
    assertEquals(1 / forth.estimate(), back.estimate(), 1e-3);
  }

  private static double[] random(int n, int stream, double factor) {
    Philox random = new Philox(7, stream, 0, 0);
    return DoubleStream.generate(() -> factor * Math.exp(0.05 * random.normal(0, 1)))
        .limit(n)
        .toArray();
  }
}
