// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** AUC against scipy's Mann–Whitney statistic, F1 and thresholds by hand. */
class RankedScoresTest {
  private static final int RECORDS = 60;
  private static final double[] SCORES = new double[RECORDS];
  private static final boolean[] MEMBER = new boolean[RECORDS];

  static {
    for (int i = 1; i <= RECORDS; i++) {
      SCORES[i - 1] = Math.rint(10 * (0.5 + 0.4 * Math.sin(i * 1.3))) / 10;
      MEMBER[i - 1] = Math.sin(i * 1.3) + 0.8 * Math.cos(i * 2.7) > 0.3;
    }
  }

  private static int[] once(int records) {
    int[] times = new int[records];
    Arrays.fill(times, 1);
    return times;
  }

  @Test
  void areaIsScipysMannWhitneyStatisticWithTies() {
    // scipy 1.17.0: mannwhitneyu(s[m], s[~m]).statistic / (m.sum() * (~m).sum())
    RankedScores ranked = new RankedScores(SCORES, MEMBER);
    assertEquals(0.8742368742368742, ranked.auc(once(RECORDS)), 1e-14);
    // The same with every record repeated i % 3 times.
    int[] times = new int[RECORDS];
    Arrays.setAll(times, i -> (i + 1) % 3);
    assertEquals(0.89875, ranked.auc(times), 1e-14);
  }

  @Test
  void equalScoresTellNothing() {
    assertEquals(
        0.5,
        new RankedScores(new double[] {3, 3, 3}, new boolean[] {true, false, false}).auc(once(3)));
  }

  @Test
  void aClassThatAllOrNoneHaveHasNoArea() {
    double[] scores = {1, 2};
    assertTrue(Double.isNaN(new RankedScores(scores, new boolean[2]).auc(once(2))));
    assertTrue(Double.isNaN(new RankedScores(scores, new boolean[] {true, true}).auc(once(2))));
    assertTrue(Double.isNaN(new RankedScores(scores, new boolean[2]).bestThreshold()));
  }

  @Test
  void f1CountsHitsTwice() {
    RankedScores ranked =
        new RankedScores(
            new double[] {0.9, 0.8, 0.3, 0.2}, new boolean[] {true, false, true, false});
    assertEquals(2.0 / 3, ranked.f1(0.9, once(4)), 1e-15, "1 hit, 1 called, 2 members");
    assertEquals(0.8, ranked.f1(0.25, once(4)), 1e-15, "2 hits, 3 called, 2 members");
    assertEquals(1, ranked.f1(0.25, new int[] {1, 0, 1, 5}), 1e-15);
  }

  @Test
  void theThresholdLiesBetweenScores() {
    RankedScores ranked =
        new RankedScores(
            new double[] {0.9, 0.8, 0.3, 0.2}, new boolean[] {true, false, true, false});
    assertEquals(0.25, ranked.bestThreshold(), 1e-15);
    RankedScores tied =
        new RankedScores(new double[] {0.5, 0.5, 0.1}, new boolean[] {true, true, false});
    assertEquals(0.3, tied.bestThreshold(), 1e-15, "no threshold divides equal scores");
    RankedScores whole = new RankedScores(SCORES, MEMBER);
    assertEquals(0.7346938775510204, whole.f1(whole.bestThreshold(), once(RECORDS)), 1e-14);
  }
}
