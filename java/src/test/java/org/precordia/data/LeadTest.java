// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeadTest {
  @ParameterizedTest
  @CsvSource({
    "I, i", "I, Lead I", "I, DI", "I, d1", "I, ECG I", "I, MDC_ECG_LEAD_I", "II, lead_ii",
    "II, EKG lead II", "III, D3", "AVR, aVR", "AVR, AVR", "AVR, a-vr", "AVR, VR", "AVR, ECG aVR",
    "AVL, lead  a-VL", "AVF, MDC_ECG_LEAD_aVF", "V1, C1", "V1, ECG V1", "V6, v 6", "VX, Vx"
  })
  void namesAreFoundInAnySpelling(Lead lead, String name) {
    assertEquals(lead, Lead.parse(name).orElseThrow());
  }

  @Test
  void everyLabelIsItsOwnName() {
    for (Lead lead : Lead.values()) {
      assertEquals(lead, Lead.parse(lead.label()).orElseThrow());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ECG", "lead", "V7", "V", "IV", "MLII", "resp", "-aVR", "\u2212aVR"})
  void othersAreNoLead(String name) {
    assertTrue(Lead.parse(name).isEmpty());
  }
}
