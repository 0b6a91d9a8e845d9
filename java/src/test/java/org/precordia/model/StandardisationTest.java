// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What standardisation does to windows. */
class StandardisationTest {
  @Test
  void bySetKeepsAmplitude() {
    Standardisation standardisation =
        new Standardisation(
            Standardisation.Mode.SET, List.of(1f, 2f), List.of(0.5f, 4f), List.of(9f, 9f));
    float[] values = {1.5f, 6, 0.5f, -2};
    standardisation.apply(values, 2, values);
    assertArrayEquals(new float[] {1, 1, -1, -1}, values);
  }

  @Test
  void byWindowIsJointOverItsLeads() {
    Standardisation standardisation =
        new Standardisation(
            Standardisation.Mode.WINDOW, List.of(7f, 7f), List.of(1f, 1f), List.of(9f, 9f));
    float[] windows = {1, 2, 3, 4, 10, 20, 30, 40};
    float[] out = new float[8];
    standardisation.apply(windows, 2, out);
    for (int w = 0; w < 2; w++) {
      double mean = 0;
      double squares = 0;
      for (int i = 0; i < 4; i++) {
        mean += out[4 * w + i] / 4;
        squares += out[4 * w + i] * out[4 * w + i] / 4;
      }
      assertEquals(0, mean, 1e-6);
      assertEquals(1, squares, 1e-5);
    }
  }

  @Test
  void aFlatLeadCannotBeStandardised() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Standardisation(Standardisation.Mode.SET, List.of(0f), List.of(0f), List.of(1f)));
  }
}
