// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import org.precordia.eval.Evaluation;
import org.precordia.report.html.Page;
import org.precordia.study.MeasureTable;
import org.precordia.study.StudyResult;

/**
 * A study as one self-contained page: what it says about the claim in words, then all rows, their
 * controls and rivals, what else was measured of them, the learning curve, and where everything
 * comes from.
 *
 * @param result the figures
 */
public record StudyReport(StudyResult result) {
  /** The page. */
  public String render() {
    Evaluation e = result.evaluation();
    String fold = e.fold().equals("all") ? "all folds" : "fold " + e.fold();
    Page page =
        new Page(
            "Study",
            "Does what the labels taught help the reconstruction?",
            "%s, %s. %s patients.".formatted(e.dataset(), fold, e.patients()),
            "Research software. Not a medical device, not for diagnosis.");
    new FindingSection(result).write(page.section("finding", "What was found"));
    new StudyTable(result).write(page.section("rows", "All rows"));
    new ComparisonSection("control", "control", result.controls())
        .write(page.section("controls", "Against the controls"));
    new ComparisonSection("rival", "rival", result.rivals())
        .write(page.section("rivals", "Against ridge regression and other networks"));
    for (MeasureTable measures : MeasureTable.of(result)) {
      new MeasureSection(measures).write(page.section(measures.id(), measures.title()));
    }
    if (!result.curve().isEmpty()) {
      new CurveSection(result.curve()).write(page.section("curve", "Learning curve"));
    }
    new SourceSection(result).write(page.section("provenance", "Where it comes from"));
    return page.render();
  }
}
