// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.precordia.eval.RecordResult;
import org.precordia.report.html.PageCheck;
import org.precordia.train.RunHistory;
import org.w3c.dom.Document;

/** The page of an evaluation: whole, escaped, and honest about what it does not know. */
class EvaluationReportTest {
  @Test
  void isAWholePage() {
    Document page = PageCheck.check(ReportFixture.report(40).render());
    assertEquals(2 * 3, count(page, "article"), "best, median and worst, drawn and interpreted");
    assertEquals(3 * 8 + 3 * 2, count(page, "h4"), "a heading a drawn lead or interpretation");
  }

  @Test
  void aModelWithoutPathologyBranchHasNoEmbeddingAndNoInterpretation() {
    EvaluationReport report = ReportFixture.report(40);
    EvaluationReport without =
        new EvaluationReport(
            report.evaluation().withEmbedding(Optional.empty()).withInterpretations(List.of()),
            report.exemplars(),
            report.run(),
            report.control());
    Document page = PageCheck.check(without.render());
    assertEquals(3, count(page, "article"));
    assertFalse(without.render().contains("id=\"embedding\""));
    assertFalse(without.render().contains("id=\"interpretation\""));
  }

  @Test
  void saysWhetherHStillTellsPatientsApart() {
    assertTrue(text(ReportFixture.report(40)).contains("is not shown"), "the interval holds 0.5");
    assertFalse(text(ReportFixture.report(12)).contains("tells patients apart beyond"));
  }

  @Test
  void namesOfUsersStayText() {
    String html = ReportFixture.report(40).render();
    assertFalse(html.contains("<script>alert"));
    assertFalse(html.contains("\" onload=\""));
    Document page = PageCheck.check(html);
    assertTrue(page.getDocumentElement().getTextContent().contains("<script>alert(1)</script>"));
  }

  @Test
  void fewPatientsHaveNoIntervalsAndNoClaims() {
    String text = text(ReportFixture.report(12));
    assertTrue(text.contains("no interval: fewer than 30 patients"));
    assertTrue(text.contains("no claim rests on these figures"));
    assertTrue(text.contains("HYP (12)"));
    assertFalse(text.contains("95 % interval 0"));
  }

  @Test
  void anIntervalThatHoldsZeroIsNoEvidenceForThePathologyBranch() {
    assertTrue(text(ReportFixture.report(40)).contains("no evidence that the branch helps"));
  }

  @Test
  void saysWhenPatientsWereTrainedOn() {
    EvaluationReport report = ReportFixture.report(40);
    assertTrue(text(report).contains("None of them was used for training"));
    RunHistory run = report.run();
    RunHistory same =
        new RunHistory(1, List.of(8, 9), run.fingerprint(), run.steps(), run.validations());
    assertTrue(text(with(report, same)).contains("Some of these patients were used for training"));
    RunHistory other = new RunHistory(1, List.of(9), "other", run.steps(), run.validations());
    assertTrue(text(with(report, other)).contains("other data than the network was trained on"));
  }

  @Test
  void aRunWithoutStepsHasAPageToo() {
    EvaluationReport report = ReportFixture.report(40);
    String html = with(report, new RunHistory(1, List.of(1), "abc", List.of(), List.of())).render();
    PageCheck.check(html);
    assertTrue(html.contains("holds no steps"));
  }

  @Test
  void drawsTheRecordsWithTheLeastMiddleAndLargestError() {
    List<String> drawn =
        ReportFixture.report(41).exemplars().stream()
            .map(Exemplar::record)
            .map(RecordResult::id)
            .toList();
    assertEquals(List.of(ReportFixture.HOSTILE, "r20", "r40"), drawn);
  }

  @Test
  void isTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    String first = ReportFixture.report(40).render();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      assertEquals(first, ReportFixture.report(40).render());
    } finally {
      Locale.setDefault(before);
    }
  }

  private static EvaluationReport with(EvaluationReport report, RunHistory run) {
    return new EvaluationReport(report.evaluation(), report.exemplars(), run, Optional.empty());
  }

  private static String text(EvaluationReport report) {
    return PageCheck.check(report.render()).getDocumentElement().getTextContent();
  }

  private static int count(Document page, String tag) {
    return page.getElementsByTagName(tag).getLength();
  }
}
