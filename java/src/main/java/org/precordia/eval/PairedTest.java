// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * A row against another one on the same patients: signed-rank test on means of each patient,
 * corrected over all tests of its table.
 *
 * @param row the row
 * @param against the row that it is held against
 * @param metric what is compared
 * @param patients pairs of the test; with fewer than 30 there is no p, and no claim
 * @param difference row − against, Hodges–Lehmann; NaN without pairs
 * @param p two-sided, of this test alone; NaN where it cannot be told
 * @param holm the same by Holm's correction
 */
public record PairedTest(
    String row,
    String against,
    Metric metric,
    int patients,
    double difference,
    double p,
    double holm) {

  /**
   * What a test is made of.
   *
   * @param row name of the row
   * @param against name of the other row
   * @param metric what the figures are
   * @param ofRow a figure a patient; NaN where there is none
   * @param ofOther the other row's, of the same patients in the same order
   */
  public record Pairing(
      String row, String against, Metric metric, double[] ofRow, double[] ofOther) {}

  /** Tests all pairings of one table; those without a single pair are left out. */
  public static List<PairedTest> family(List<Pairing> pairings) {
    List<PairedTest> single = new ArrayList<>();
    for (Pairing pairing : pairings) {
      SignedRankTest test = SignedRankTest.of(pairing.ofRow(), pairing.ofOther());
      if (test.pairs() > 0) {
        boolean enough = test.pairs() >= PatientBootstrap.FEWEST_PATIENTS;
        single.add(
            new PairedTest(
                pairing.row(),
                pairing.against(),
                pairing.metric(),
                test.pairs(),
                test.shift(),
                enough ? test.p() : Double.NaN,
                Double.NaN));
      }
    }
    double[] adjusted = Holm.adjust(single.stream().mapToDouble(PairedTest::p).toArray());
    List<PairedTest> tests = new ArrayList<>();
    for (int i = 0; i < adjusted.length; i++) {
      tests.add(single.get(i).corrected(adjusted[i]));
    }
    return tests;
  }

  private PairedTest corrected(double adjusted) {
    return new PairedTest(row, against, metric, patients, difference, p, adjusted);
  }
}
