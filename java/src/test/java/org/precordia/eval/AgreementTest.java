// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Agreement against what was planted. */
class AgreementTest {
  @Test
  void findsPlantedBiasSlopeAndSpread() {
    double[] truth = new double[50];
    double[] made = new double[50];
    for (int i = 0; i < 50; i++) {
      truth[i] = -1 + 0.04 * i;
      made[i] = 0.6 * truth[i] + 0.2 + (i % 2 == 0 ? 0.1 : -0.1);
    }
    Agreement agreement = Agreement.of(pairs(truth, made));
    assertEquals(50, agreement.patients());
    assertTrue(agreement.claimable());
    assertEquals(0.2 - 0.4 * (-1 + 0.04 * 24.5), agreement.bias(), 1e-12);
    assertEquals(-0.4, agreement.slope(), 0.01);
    assertTrue(agreement.deviationRatio() > 0.6 && agreement.deviationRatio() < 0.65);
    assertEquals(agreement.bias() + 1.96 * agreement.deviation(), agreement.high(), 1e-12);
  }

  @Test
  void aScaledMeasureHasItsSlopeAndRatio() {
    double[] truth = {-1.5, 0.2, 0.9, 2.5};
    double[] made = Arrays.stream(truth).map(v -> 0.8 * v).toArray();
    Agreement agreement = Agreement.of(pairs(truth, made));
    assertEquals(-0.2, agreement.slope(), 1e-12);
    assertEquals(0.8, agreement.deviationRatio(), 1e-12);
  }

  @Test
  void onePairHasABiasAndNoLimits() {
    Agreement agreement = Agreement.of(pairs(new double[] {1}, new double[] {0.5}));
    assertEquals(-0.5, agreement.bias(), 0);
    assertTrue(Double.isNaN(agreement.deviation()));
    assertTrue(Double.isNaN(Agreement.of(pairs(new double[0], new double[0])).bias()));
  }

  private static PatientPairs pairs(double[] truth, double[] made) {
    return new PatientPairs(truth.length, new String[truth.length], truth, made);
  }
}
