// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import static org.precordia.report.html.Figures.significant;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.precordia.benchmark.Comparison;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** Two result files side by side. */
final class ComparisonSection {
  /** Cases in the chart: those whose ratio is farthest from 1. */
  private static final int SHOWN = 30;

  private static final Map<Comparison.Verdict, String> WORDS =
      Map.of(
          Comparison.Verdict.SLOWER, "slower",
          Comparison.Verdict.FASTER, "faster",
          Comparison.Verdict.SAME, "the same",
          Comparison.Verdict.OPEN, "open");

  private final Comparison comparison;
  private final String base;
  private final String other;

  ComparisonSection(Comparison comparison, String base, String other) {
    this.comparison = comparison;
    this.base = base;
    this.other = other;
  }

  void write(Markup out) {
    List<Comparison.Row> rows =
        comparison.rows().stream()
            .sorted(
                Comparator.comparingDouble(
                    (Comparison.Row row) -> -Math.abs(Math.log(row.ratio().estimate()))))
            .toList();
    out.paragraph(
        "Time in %s over time in %s: above 1 the second is slower. Of %s, %s."
            .formatted(
                other,
                base,
                Figures.count(rows.size(), "common case", "common cases"),
                Figures.count(comparison.regressions().size(), "is slower", "are slower")
                    + " by more than "
                    + Figures.number(100 * comparison.threshold(), 0)
                    + " % beyond doubt"));
    if (!comparison.differences().isEmpty()) {
      differences(out);
    }
    chart(out, rows.subList(0, Math.min(SHOWN, rows.size())));
    table(out, rows);
  }

  private void differences(Markup out) {
    HtmlTable table =
        new HtmlTable("difference-table", "What of machine and build differs")
            .text("Fact")
            .text(base)
            .text(other);
    comparison.differences().forEach(d -> table.row(d.fact(), d.base(), d.other()));
    out.add(table.markup());
  }

  private static void chart(Markup out, List<Comparison.Row> rows) {
    double low = 0.9;
    double high = 1.1;
    for (Comparison.Row row : rows) {
      boolean bounded = row.ratio().bounded();
      low = Math.min(low, bounded ? row.ratio().low() : row.ratio().estimate());
      high = Math.max(high, bounded ? row.ratio().high() : row.ratio().estimate());
    }
    IntervalChart chart =
        IntervalChart.marks(
                "comparison-chart",
                "Ratio of times",
                Axis.log("time of the second over time of the first", low, high),
                1)
            .width(760);
    for (int i = 0; i < rows.size(); i++) {
      Comparison.Row row = rows.get(i);
      int series =
          switch (row.verdict()) {
            case SLOWER -> 2;
            case FASTER -> 3;
            case SAME -> 0;
            case OPEN -> 1;
          };
      chart.item(
          "%s  %s".formatted(i + 1, row.id().subject()),
          series,
          row.ratio().estimate(),
          row.ratio().low(),
          row.ratio().high(),
          significant(row.ratio().estimate(), 3) + ", " + WORDS.get(row.verdict()));
    }
    out.add(
        ChartFigure.of(
            "comparison-figure",
            "",
            List.of(
                new ChartFigure.Key(2, "slower"),
                new ChartFigure.Key(3, "faster"),
                new ChartFigure.Key(0, "the same"),
                new ChartFigure.Key(1, "open")),
            false,
            chart.render("Ratios and intervals; the table beneath lists all."),
            "The cases farthest from 1. Open: the interval reaches over a bound, or there are too"
                + " few rounds for one."));
  }

  private void table(Markup out, List<Comparison.Row> rows) {
    HtmlTable table =
        new HtmlTable("comparison-table", "All common cases, farthest from 1 first")
            .figures("#", "")
            .text("Case")
            .figures("First", "ms, or rate of a ceiling")
            .figures("Second", "ms, or rate")
            .figures("Ratio", "")
            .figures("95 % interval", "")
            .text("Verdict");
    for (int i = 0; i < rows.size(); i++) {
      Comparison.Row row = rows.get(i);
      table.row(
          Figures.count(i + 1),
          row.id().toString(),
          significant(row.base(), 4),
          significant(row.other(), 4),
          significant(row.ratio().estimate(), 4),
          row.ratio().bounded()
              ? significant(row.ratio().low(), 4) + " to " + significant(row.ratio().high(), 4)
              : Figures.NONE,
          WORDS.get(row.verdict()));
    }
    table.note(
        "%s only in the first file, %s only in the second."
            .formatted(
                Figures.count(comparison.onlyBase().size(), "case", "cases"),
                Figures.count(comparison.onlyOther().size(), "case", "cases")));
    out.add(table.markup());
  }
}
