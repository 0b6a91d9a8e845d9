// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Expected figures: scipy 1.17.0, {@code scipy.stats.wilcoxon(d)} with its defaults (exact up to 50
 * pairs without zeros and ties, else the normal approximation with zeros dropped, variance
 * corrected for ties and no correction for continuity), {@code numpy.median} of all (dᵢ + dⱼ)/2,
 * and {@code scipy.stats.norm.sf}.
 */
class SignedRankTestTest {
  /** Differences as they were given to scipy, rounded to multiples of 1/unit. */
  private static double[] differences(int n, double shift, long unit) {
    return IntStream.rangeClosed(1, n)
        .mapToDouble(
            i -> Math.rint(unit * (shift + 0.015 * Math.sin(i * 2.9) + 0.004 * Math.cos(i * 5.3))))
        .toArray();
  }

  private static void requireScipy(int n, double shift, long unit, double p, double middle) {
    double[] d = differences(n, shift, unit);
    SignedRankTest test = SignedRankTest.of(d, new double[n]);
    assertEquals(n, test.pairs());
    assertEquals(p, test.p(), 1e-11 * p);
    assertEquals(middle, test.shift(), 1e-9 * Math.abs(middle));
  }

  @Test
  void isExactForFewPairs() {
    requireScipy(12, 0.003, 1_000_000_000, 0.5185546875, 2091146.0);
    requireScipy(50, 0.003, 1_000_000_000, 0.12080975020940343, 2365046.0);
  }

  @Test
  void isNormalForManyPairs() {
    requireScipy(60, 0.002, 1_000_000_000, 0.4751805002284377, 1367904.25);
    requireScipy(190, 0.001, 1_000_000_000, 0.19688115317445443, 957136.0);
    requireScipy(190, 0.012, 1_000_000_000, 2.724114602528905e-24, 11957136.0);
  }

  @Test
  void dropsZerosAndSharesTiedRanks() {
    requireScipy(190, 0.001, 1_000, 0.19412772432572933, 1.0);
    requireScipy(45, 0.002, 200, 0.3529776951800705, 0.0);
  }

  @Test
  void aPairWithoutAValueIsLeftOut() {
    double[] d = differences(60, 0.002, 1_000_000_000);
    double[] longer = Arrays.copyOf(d, 62);
    double[] other = new double[62];
    longer[60] = Double.NaN;
    other[61] = Double.NaN;
    assertEquals(SignedRankTest.of(d, new double[60]), SignedRankTest.of(longer, other));
  }

  @Test
  void sidesExchangedChangeTheSignAlone() {
    double[] d = differences(70, 0.002, 1000);
    SignedRankTest forth = SignedRankTest.of(d, new double[70]);
    SignedRankTest back = SignedRankTest.of(new double[70], d);
    assertEquals(forth.p(), back.p(), 1e-15);
    assertEquals(forth.shift(), -back.shift(), 1e-15);
  }

  @Test
  void withoutADifferenceNothingCanBeTold() {
    SignedRankTest test = SignedRankTest.of(new double[40], new double[40]);
    assertTrue(Double.isNaN(test.p()));
    assertEquals(0, test.shift(), 0);
    assertEquals(0, SignedRankTest.of(new double[0], new double[0]).pairs());
  }

  @Test
  void aKnownTableIsReproduced() {
    // Five pairs, all positive: 2 of 2^5 sign patterns are as extreme.
    SignedRankTest test = SignedRankTest.of(new double[] {1, 2, 3, 4, 5}, new double[5]);
    assertEquals(2 / 32.0, test.p(), 1e-15);
    assertEquals(3, test.shift(), 1e-15);
  }

  @Test
  void theNormalTailIsScipys() {
    double[] z = {0, 0.5, 1, 1.96, 3, 5, 8, 20, 37};
    double[] tail = {
      0.5,
      0.3085375387259869,
      0.15865525393145707,
      0.024997895148220435,
      0.0013498980316300933,
      2.866515718791933e-07,
      6.22096057427174e-16,
      2.7536241186061556e-89,
      5.7255712225239266e-300
    };
    for (int i = 0; i < z.length; i++) {
      assertEquals(tail[i], NormalTail.above(z[i]), 1e-12 * tail[i], "z = " + z[i]);
      assertEquals(1 - tail[i], NormalTail.above(-z[i]), 1e-15);
    }
  }

  @Test
  void holmStepsDown() {
    // By hand, m = 4: 4 · .005, 3 · .01, 2 · .03, 1 · .04 raised to the .06 before it.
    assertArrayEquals(
        new double[] {0.03, 0.06, 0.06, 0.02}, Holm.adjust(0.01, 0.04, 0.03, 0.005), 1e-15);
    assertArrayEquals(new double[] {1, 1}, Holm.adjust(0.7, 0.9), 0);
    assertArrayEquals(
        new double[] {0.02, Double.NaN, 0.5}, Holm.adjust(0.01, Double.NaN, 0.5), 1e-15);
  }

  @Test
  void aFamilyIsCorrectedAsOneAndFewPatientsHaveNoP() {
    double[] many = differences(190, 0.012, 1_000_000_000);
    double[] few = differences(12, 0.012, 1_000_000_000);
    List<PairedTest> tests =
        PairedTest.family(
            List.of(
                pairing("ridge", Metric.RMSE_WINDOW, many),
                pairing("no-h", Metric.RMSE_WINDOW, differences(190, 0.001, 1_000_000_000)),
                pairing("other", Metric.PEARSON, few),
                pairing("mean", Metric.PEARSON, new double[] {Double.NaN})));
    assertEquals(3, tests.size(), "a pairing without pairs is left out");
    assertEquals(2 * tests.getFirst().p(), tests.getFirst().holm(), 1e-30);
    assertEquals(tests.get(1).p(), tests.get(1).holm(), 1e-15);
    assertEquals(12, tests.get(2).patients());
    assertTrue(Double.isNaN(tests.get(2).p()));
    assertTrue(Double.isFinite(tests.get(2).difference()));
  }

  private static PairedTest.Pairing pairing(String against, Metric metric, double[] d) {
    return new PairedTest.Pairing("model", against, metric, d, new double[d.length]);
  }
}
