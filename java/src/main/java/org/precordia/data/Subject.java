// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Map;
import java.util.Set;

/**
 * Who a recording comes from and what was diagnosed.
 *
 * @param patient identifier that is the same on every recording of one patient
 * @param fold cross-validation fold 1–10, or 0 when the data set assigns none
 * @param age years, or NaN when unknown
 * @param sex sex as recorded
 * @param codes diagnostic statement codes with likelihood in percent; 0 means unknown likelihood
 * @param superclasses diagnostic superclasses (NORM, MI, STTC, CD, HYP) of any likelihood
 * @param labelsVerbatim false when likelihoods were lost on the way to this copy of the data set
 */
public record Subject(
    String patient,
    int fold,
    double age,
    Sex sex,
    Map<String, Double> codes,
    Set<String> superclasses,
    boolean labelsVerbatim) {

  private static final double OLDEST = 150;

  /** Sex as recorded. */
  public enum Sex {
    FEMALE,
    MALE,
    UNKNOWN
  }

  public Subject {
    codes = Map.copyOf(codes);
    superclasses = Set.copyOf(superclasses);
    if (fold < 0 || fold > 10) {
      throw new IllegalArgumentException("fold must lie in 0..10, was " + fold);
    }
  }

  /** Whether somebody can have lived so many years. */
  static boolean isAge(double years) {
    return years >= 0 && years <= OLDEST;
  }
}
