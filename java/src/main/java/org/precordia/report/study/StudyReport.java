// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import org.precordia.eval.Evaluation;
import org.precordia.report.html.Page;
import org.precordia.study.StudyResult;

/**
 * A study as one self-contained page: what it says about the claim in words, then all rows, the
 * controls, the learning curve, and where everything comes from.
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
    new ControlSection(result).write(page.section("controls", "Against the controls"));
    if (!result.curve().isEmpty()) {
      new CurveSection(result.curve()).write(page.section("curve", "Learning curve"));
    }
    new SourceSection(result).write(page.section("provenance", "Where it comes from"));
    return page.render();
  }
}
