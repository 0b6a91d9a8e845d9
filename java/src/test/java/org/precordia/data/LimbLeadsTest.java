// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimbLeadsTest {
  private static final float[] ONE = {0.5f, -0.25f, 0.1f, 2};
  private static final float[] TWO = {1.5f, 0.75f, -0.3f, 4};
  private static final List<Lead> LIMB =
      List.of(Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF);

  private static Recording of(Lead... leads) {
    List<float[]> rows = new ArrayList<>();
    for (Lead lead : leads) {
      rows.add(LimbLeads.isLimb(lead) ? LimbLeads.derive(lead, ONE, TWO) : new float[4]);
    }
    return new Recording("r", 100, List.of(leads), rows.toArray(float[][]::new), List.of());
  }

  @Test
  void relationsAreEinthovensAndGoldbergers() {
    assertEquals(1f, LimbLeads.derive(Lead.III, ONE, TWO)[0]);
    assertEquals(-1f, LimbLeads.derive(Lead.AVR, ONE, TWO)[0]);
    assertEquals(-0.25f, LimbLeads.derive(Lead.AVL, ONE, TWO)[0]);
    assertEquals(1.25f, LimbLeads.derive(Lead.AVF, ONE, TWO)[0]);
  }

  @Test
  void anyTwoLimbLeadsGiveAllSix() throws DataException {
    for (Lead p : LIMB) {
      for (Lead q : LIMB) {
        if (p == q) {
          continue;
        }
        Recording two = of(p, q);
        for (Lead wanted : LIMB) {
          assertTrue(LimbLeads.available(two, wanted));
          assertArrayEquals(
              LimbLeads.derive(wanted, ONE, TWO),
              LimbLeads.signal(two, wanted),
              1e-6f,
              wanted + " from " + p + " and " + q);
        }
      }
    }
  }

  @Test
  void measuredLeadsAreTakenAsTheyAre() throws DataException {
    Recording r =
        of(Lead.V6, Lead.V5, Lead.V4, Lead.V3, Lead.V2, Lead.V1, Lead.AVF, Lead.III, Lead.I);
    float[][] rows = LimbLeads.independent(r);
    assertSame(r.signal(Lead.I), rows[0]);
    assertArrayEquals(TWO, rows[1], 1e-6f);
    assertSame(r.signal(Lead.V1), rows[2]);
    assertEquals(Lead.TWELVE, LimbLeads.twelve(r).leads());
  }

  @Test
  void missingLeadsAreNamed() {
    Recording r = of(Lead.I, Lead.V1);
    DataException e = assertThrows(DataException.class, () -> LimbLeads.independent(r));
    assertTrue(e.getMessage().contains("no lead II and no two other limb leads"), e.getMessage());
    assertThrows(DataException.class, () -> LimbLeads.signal(of(Lead.I, Lead.II), Lead.V3));
    assertFalse(LimbLeads.available(r, Lead.II));
    assertFalse(LimbLeads.available(r, Lead.V2));
  }

  @Test
  void residualIsTheWorstContradiction() {
    assertEquals(0, LimbLeads.residual(of(Lead.III, Lead.AVF)));
    Recording r = of(Lead.AVF, Lead.II, Lead.III, Lead.I);
    assertEquals(0, LimbLeads.residual(r), 1e-6);
    r.signal(Lead.III)[2] += 0.125f;
    r.signal(Lead.AVF)[1] -= 0.0625f;
    r.signal(Lead.AVF)[0] = Float.NaN;
    assertEquals(0.125, LimbLeads.residual(r), 1e-6);
  }

  @Test
  void leadsAreSelectedDerivedAndMasked() throws DataException {
    Recording r = of(Lead.I, Lead.II, Lead.V1);
    List<Lead> wanted = List.of(Lead.V1, Lead.AVF, Lead.V2);
    assertThrows(DataException.class, () -> LimbLeads.select(r, wanted, false));
    Recording selected = LimbLeads.select(r, wanted, true);
    assertEquals(wanted, selected.leads());
    assertSame(r.signal(Lead.V1), selected.signal(Lead.V1));
    assertEquals(1.25f, selected.signal(Lead.AVF)[0]);
    for (float value : selected.signal(Lead.V2)) {
      assertTrue(Float.isNaN(value));
    }
  }

  @Test
  void limbLeadsAreCompletedAndNoted() throws DataException {
    Recording completed = LimbLeads.completed(of(Lead.V2, Lead.AVL, Lead.II));
    assertEquals(
        List.of(Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF, Lead.V2),
        completed.leads());
    assertArrayEquals(ONE, completed.signal(Lead.I), 1e-6f);
    assertEquals(
        List.of("leads I, III, aVR, aVF were computed from the other limb leads"),
        completed.origin().notes());
    Recording one = of(Lead.II, Lead.V2);
    assertSame(one, LimbLeads.completed(one));
  }

  @Test
  void onlyThreeLimbLeadsCanContradict() {
    assertFalse(LimbLeads.comparable(of(Lead.I, Lead.II, Lead.V1)));
    assertFalse(LimbLeads.comparable(of(Lead.I, Lead.III, Lead.AVF)));
    assertTrue(LimbLeads.comparable(of(Lead.I, Lead.II, Lead.AVF)));
  }
}
