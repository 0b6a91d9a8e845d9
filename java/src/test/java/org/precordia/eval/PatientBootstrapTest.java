// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Intervals of a mean over patients, some of whom have no value. */
class PatientBootstrapTest {
  private static final int PATIENTS = 200;

  private final PatientBootstrap bootstrap = new PatientBootstrap(PATIENTS, 1000, 1);

  @Test
  void theIntervalHasTheWidthOfTheStandardError() {
    double[] values = new double[PATIENTS];
    Arrays.setAll(values, patient -> patient % 2 == 0 ? -1 : 3);
    Interval interval = bootstrap.interval(values);
    double halfWidth = 1.96 * 2 / Math.sqrt(PATIENTS);
    assertEquals(1, PatientBootstrap.mean(values), 1e-12);
    assertEquals(1 - halfWidth, interval.low(), 0.06);
    assertEquals(1 + halfWidth, interval.high(), 0.06);
  }

  @Test
  void patientsWithoutValueDoNotCount() {
    double[] values = new double[PATIENTS];
    Arrays.setAll(values, patient -> patient < 50 ? 0.25 : Double.NaN);
    assertEquals(0.25, PatientBootstrap.mean(values), 1e-12);
    assertEquals(new Interval(0.25, 0.25), bootstrap.interval(values));
    Arrays.fill(values, 20, PATIENTS, Double.NaN);
    assertNull(bootstrap.interval(values), "20 patients have a value");
    Arrays.fill(values, Double.NaN);
    assertTrue(Double.isNaN(PatientBootstrap.mean(values)));
  }
}
