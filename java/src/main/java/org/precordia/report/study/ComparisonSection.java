// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import java.util.List;
import java.util.Optional;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.eval.SeedMeans;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;
import org.precordia.study.StudyComparison;
import org.precordia.study.StudyRow;

/** Rows against others on the same patients: a chart of the changes, and the tests. */
final class ComparisonSection {
  private static final int BEATS = 0;
  private static final int OTHERS = 1;

  private final String id;
  private final String kind;
  private final List<StudyComparison> comparisons;

  /**
   * @param id unique on the page
   * @param kind what the other rows are to the row
   */
  ComparisonSection(String id, String kind, List<StudyComparison> comparisons) {
    this.id = id;
    this.kind = kind;
    this.comparisons = comparisons;
  }

  void write(Markup out) {
    if (comparisons.isEmpty()) {
      out.paragraph("No row is here together with one of its " + kind + "s.");
      return;
    }
    if (comparisons.getFirst().difference().interval() != null) {
      out.add(chart());
    }
    HtmlTable table =
        new HtmlTable(id + "-table", "Paired on the same patients")
            .text("Row")
            .text("Against")
            .figures("RMSE", "%")
            .figures("RMSE, median", "mV")
            .figures("p", "Holm")
            .figures("Pearson, median", "")
            .figures("p", "Holm")
            .figures("Patients better", "")
            .text("Verdict");
    for (StudyComparison comparison : comparisons) {
      SeedMeans.Difference d = comparison.difference();
      Optional<PairedTest> error = comparison.test(Metric.RMSE_WINDOW);
      Optional<PairedTest> pearson = comparison.test(Metric.PEARSON);
      table.row(
          comparison.row().id(),
          comparison.against().id(),
          change(d),
          Figures.signed(error.map(PairedTest::difference).orElse(Double.NaN), 5),
          probability(error),
          Figures.signed(pearson.map(PairedTest::difference).orElse(Double.NaN), 4),
          probability(pearson),
          "%s of %s".formatted(Figures.count(d.better()), Figures.count(d.patients())),
          comparison.beats() ? "errs less" : comparison.loses() ? "errs more" : "undecided");
    }
    out.add(
        table
            .note(
                "RMSE: change of the mean over windows, with its 95 % interval over patients;"
                    + " negative: the row's error is smaller. Medians: Hodges and Lehmann's, of"
                    + " each patient's means over windows and seeds.")
            .note(
                "p: Wilcoxon's signed-rank test, corrected by Holm over all comparisons of this"
                    + " page, of both figures. Errs less, or more: the interval does not reach"
                    + " zero and p of the RMSE is below 0.05; else it is undecided.")
            .markup());
  }

  private static String probability(Optional<PairedTest> test) {
    double p = test.map(PairedTest::holm).orElse(Double.NaN);
    return Figures.probability(p);
  }

  private Markup chart() {
    double low = 0;
    double high = 0;
    for (StudyComparison comparison : comparisons) {
      low = Math.min(low, comparison.difference().interval().low());
      high = Math.max(high, comparison.difference().interval().high());
    }
    IntervalChart chart =
        IntervalChart.marks(
            id + "-chart",
            "Change of the error against each " + kind,
            Axis.linear("change of the RMSE of a window, %", low, high),
            0);
    StudyRow group = null;
    for (StudyComparison comparison : comparisons) {
      SeedMeans.Difference d = comparison.difference();
      if (comparison.row() != group) {
        group = comparison.row();
        chart.group();
      }
      chart.item(
          comparison.row().id() + " to " + comparison.against().id(),
          comparison.beats() ? BEATS : OTHERS,
          d.percent(),
          d.interval().low(),
          d.interval().high(),
          Figures.signed(d.percent(), 2) + " %");
    }
    return ChartFigure.of(
        id + "-figure",
        "",
        List.of(),
        false,
        chart.render("Changes with intervals; the table beneath has the figures."),
        "Change with its 95 % interval over patients. Left of the line the row errs less than its "
            + kind
            + ".");
  }

  private static String change(SeedMeans.Difference d) {
    String text = Figures.signed(d.percent(), 2);
    Interval interval = d.interval();
    return interval == null
        ? text
        : "%s\n%s to %s"
            .formatted(text, Figures.signed(interval.low(), 2), Figures.signed(interval.high(), 2));
  }
}
