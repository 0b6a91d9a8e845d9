// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.precordia.eval.Interval;
import org.precordia.eval.SeedMeans;
import org.precordia.study.ControlResult;
import org.precordia.study.StudyRow;

/** What a study says about its claim follows from the figures, whatever they are. */
class FindingSectionTest {
  private static final Interval BELOW = new Interval(-3, -1);
  private static final Interval ACROSS = new Interval(-2, 0.1);

  private static ControlResult against(StudyRow control, Interval interval) {
    return new ControlResult(
        StudyRow.TWO_STAGE, control, new SeedMeans.Difference(90, -0.002, -2, interval, 60));
  }

  private static List<ControlResult> all(Interval interval) {
    return StudyRow.TWO_STAGE.controls().stream()
        .map(control -> against(control, interval))
        .toList();
  }

  @Test
  void aClaimNeedsEveryControlBeaten() {
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, all(BELOW));
    assertTrue(text.contains("errs less than all of its controls"));
    assertTrue(text.contains("what the labels taught h helps"));
    for (StudyRow control : StudyRow.TWO_STAGE.controls()) {
      assertTrue(text.contains(control.id()), control.id());
    }
  }

  @Test
  void oneControlThatIsNotBeatenIsNoEvidence() {
    List<ControlResult> controls = new ArrayList<>(all(BELOW));
    controls.set(2, against(controls.get(2).control(), ACROSS));
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, controls);
    assertTrue(text.contains("does not err less than " + controls.get(2).control().id()));
    assertTrue(text.contains("no evidence"));
    assertFalse(text.contains("what the labels taught h helps the reconstruction. "));
  }

  @Test
  void missingControlsForbidTheClaim() {
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, all(BELOW).subList(0, 2));
    assertTrue(text.contains("no claim rests on that"));
    assertFalse(text.contains("On these data"));
  }

  @Test
  void fewPatientsAreNoEvidence() {
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, all(null));
    assertTrue(text.contains("fewer than 30 patients"));
    assertTrue(text.contains("no evidence"));
  }
}
