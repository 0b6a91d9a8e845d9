// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.List;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** Signed-rank tests of the model against every other row, patient by patient. */
final class TestSection {
  private final List<PairedTest> tests;

  TestSection(Evaluation evaluation) {
    this.tests = evaluation.tests();
  }

  void write(Markup out) {
    if (tests.isEmpty()) {
      out.paragraph("There is one row: nothing to hold it against.");
      return;
    }
    HtmlTable table =
        new HtmlTable("test-table", "Row " + tests.getFirst().row() + " against every other row")
            .text("Against")
            .text("Figure")
            .figures("Patients", "")
            .figures("Difference", "median")
            .figures("p", "")
            .figures("p, Holm", "");
    for (PairedTest test : tests) {
      boolean error = test.metric() == Metric.RMSE_WINDOW;
      table.row(
          test.against(),
          error ? "RMSE of a window, mV" : "Pearson",
          Figures.count(test.patients()),
          Figures.signed(test.difference(), 4),
          Figures.probability(test.p()),
          Figures.probability(test.holm()));
    }
    table.note(
        "Wilcoxon's signed-rank test, two-sided, of each patient's mean; the difference is that of"
            + " Hodges and Lehmann (a negative RMSE and a positive Pearson speak for the row)."
            + " Holm's correction over all tests of this table.");
    if (tests.stream().anyMatch(test -> Double.isNaN(test.p()))) {
      table.note("No p with fewer than 30 patients, or where all patients are alike.");
    }
    out.add(table.markup());
  }
}
