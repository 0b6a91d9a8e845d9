// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A combination of pathologies and how often it occurs in the cohort. The shares are of the order
 * found in hospital collections of 12-lead ECGs: somewhat under half normal, infarction the most
 * frequent finding, blocks and hypertrophy alone and together with it.
 *
 * @param pathologies what a patient has; empty is a normal heart
 * @param share fraction of patients
 */
public record Diagnosis(Set<Pathology> pathologies, double share) {
  /** All combinations that occur; the shares add up to 1. */
  public static final List<Diagnosis> ALL =
      List.of(
          of(0.42),
          of(0.10, Pathology.AMI),
          of(0.10, Pathology.IMI),
          of(0.02, Pathology.AMI, Pathology.IMI),
          of(0.07, Pathology.LVH),
          of(0.03, Pathology.LVH, Pathology.STD_),
          of(0.02, Pathology.LVH, Pathology.AMI),
          of(0.02, Pathology.LVH, Pathology.IMI),
          of(0.06, Pathology.STD_),
          of(0.02, Pathology.IMI, Pathology.STD_),
          of(0.05, Pathology.CLBBB),
          of(0.05, Pathology.CRBBB),
          of(0.02, Pathology.CRBBB, Pathology.AMI),
          of(0.01, Pathology.CRBBB, Pathology.IMI),
          of(0.01, Pathology.CRBBB, Pathology.LVH));

  public Diagnosis {
    pathologies = Set.copyOf(pathologies);
  }

  /** The diagnosis at a point of the cumulated shares. */
  static Diagnosis at(double quantile) {
    double sum = 0;
    for (Diagnosis diagnosis : ALL) {
      sum += diagnosis.share;
      if (quantile < sum) {
        return diagnosis;
      }
    }
    return ALL.getLast();
  }

  private static Diagnosis of(double share, Pathology... pathologies) {
    Set<Pathology> set = EnumSet.noneOf(Pathology.class);
    set.addAll(List.of(pathologies));
    return new Diagnosis(set, share);
  }
}
