// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.precordia.eval.Interval;
import org.precordia.report.html.PageCheck;
import org.precordia.study.StudyComparison;
import org.precordia.study.StudyRow;

/** What a study says about its claim follows from the figures, whatever they are. */
class FindingSectionTest {
  private static final Interval BELOW = new Interval(-3, -1);
  private static final Interval ABOVE = new Interval(0.5, 3);
  private static final Interval ACROSS = new Interval(-2, 0.1);
  private static final double SMALL = 0.001;
  private static final double LARGE = 0.2;

  private static StudyComparison against(StudyRow control, Interval interval, double holm) {
    return StudyFixture.comparison(StudyRow.TWO_STAGE, control, -2, interval, holm);
  }

  private static List<StudyComparison> all(Interval interval, double holm) {
    return new ArrayList<>(
        StudyRow.TWO_STAGE.controls().stream()
            .map(control -> against(control, interval, holm))
            .toList());
  }

  @Test
  void aClaimNeedsEveryControlBeaten() {
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, all(BELOW, SMALL));
    assertTrue(text.contains("errs less than"), text);
    assertTrue(text.contains("on these data what the labels taught h helps"), text);
    assertFalse(text.contains("no evidence"), text);
    for (StudyRow control : StudyRow.TWO_STAGE.controls()) {
      assertTrue(text.contains(control.id()), control.id());
    }
  }

  @Test
  void oneControlThatIsNotBeatenIsNoEvidence() {
    List<StudyComparison> controls = all(BELOW, SMALL);
    StudyRow other = controls.get(2).against();
    controls.set(2, against(other, ACROSS, SMALL));
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, controls);
    assertTrue(text.contains("is not shown to differ from " + other.id()), text);
    assertTrue(text.contains("no evidence"), text);
    assertFalse(text.contains("on these data"), text);
  }

  @Test
  void anIntervalBelowZeroIsNotEnoughWithoutTheCorrectedTest() {
    StudyComparison one = against(StudyRow.FROZEN_NO_H, BELOW, LARGE);
    assertFalse(one.beats());
    assertTrue(against(StudyRow.FROZEN_NO_H, BELOW, SMALL).beats());
    assertFalse(against(StudyRow.FROZEN_NO_H, BELOW, Double.NaN).beats());
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, all(BELOW, LARGE));
    assertTrue(text.contains("is not shown to differ from"), text);
    assertTrue(text.contains("no evidence"), text);
  }

  @Test
  void aBetterControlIsSaidToBeBetter() {
    List<StudyComparison> controls = all(BELOW, SMALL);
    StudyRow other = controls.getFirst().against();
    controls.set(0, against(other, ABOVE, SMALL));
    assertTrue(controls.getFirst().loses());
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, controls);
    assertTrue(text.contains("it errs more than " + other.id()), text);
    assertTrue(text.contains("no evidence"), text);
  }

  @Test
  void missingControlsForbidTheClaim() {
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, all(BELOW, SMALL).subList(0, 2));
    assertTrue(text.contains("4 are missing"), text);
    assertFalse(text.contains("on these data"), text);
  }

  @Test
  void fewPatientsAreNoEvidence() {
    String text = FindingSection.verdict(StudyRow.TWO_STAGE, all(null, Double.NaN));
    assertTrue(text.contains("fewer than 30 patients"), text);
    assertTrue(text.contains("no evidence"), text);
  }

  @Test
  void whatAmplitudeAloneGainsIsSaidBothWays() {
    assertTrue(FindingSection.amplitude(0.100, 0.096, 0.092).contains("gains 50 %"));
    assertTrue(FindingSection.amplitude(0.100, 0.101, 0.092).contains("amplitude alone gains no"));
    assertTrue(FindingSection.amplitude(0.100, 0.090, 0.101).contains("h gains nothing"));
  }

  @Test
  void thePageHasASentenceForEachMeasure() {
    String page = StudyFixture.report().render();
    PageCheck.check(page);
    assertTrue(page.contains("drawn to their mean"));
    assertTrue(page.contains("completed leads keep"));
    assertTrue(page.contains("amplitude alone reaches"));
    assertTrue(page.contains("Row model (the model: everything at once) "));
  }
}
