// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import static org.precordia.report.html.Figures.number;

import java.util.List;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;
import org.precordia.study.RowSummary;
import org.precordia.study.Spread;
import org.precordia.study.StudyResult;
import org.precordia.study.StudyRow;

/** Every row of a study: a chart of the errors, and the figures. */
final class StudyTable {
  private static final int ROW_SERIES = 0;
  private static final int MODEL_SERIES = 1;

  private final StudyResult result;

  StudyTable(StudyResult result) {
    this.result = result;
  }

  void write(Markup out) {
    out.add(chart());
    out.add(figures());
    out.add(others());
    out.add(definitions());
  }

  private Markup chart() {
    // The mean waveform's error is twice that of all others, which it would press together.
    List<RowSummary> shown =
        result.rows().stream().filter(row -> !row.name().equals(StudyRow.MEAN.id())).toList();
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    for (RowSummary row : shown) {
      low = Math.min(low, row.interval() == null ? row.rmse() : row.interval().low());
      high = Math.max(high, row.interval() == null ? row.rmse() : row.interval().high());
    }
    if (shown.isEmpty()) {
      return new Markup();
    }
    IntervalChart chart =
        IntervalChart.marks(
            "row-chart",
            "Error of every row, with 95 % intervals over patients",
            Axis.linear("RMSE of a window, mV", low, high),
            Double.NaN);
    for (RowSummary row : shown) {
      Interval interval = row.interval();
      chart.item(
          row.name(),
          row.name().equals(StudyRow.MODEL.id()) ? MODEL_SERIES : ROW_SERIES,
          row.rmse(),
          interval == null ? Double.NaN : interval.low(),
          interval == null ? Double.NaN : interval.high(),
          number(row.rmse(), 4));
      chart.dots(row.figure(Metric.RMSE_WINDOW).values());
    }
    return ChartFigure.of(
        "row-figure",
        "",
        List.of(),
        false,
        chart.render("Mean over seeds and its interval; the table beneath has the figures."),
        "Large mark: mean over seeds, with its 95 % interval over patients; small ones: the seeds."
            + " Row mean is left out.");
  }

  private Markup figures() {
    HtmlTable table =
        new HtmlTable("study-table", "Every row on the same windows, mean over leads and seeds")
            .text("Row")
            .figures("Parameters", "")
            .figures("Seeds", "")
            .figures("RMSE, window", "mV")
            .figures("Pearson", "")
            .figures("RMSE to ridge", "%")
            .figures("RMSE to unet", "%")
            .figures("RMSE to no-h", "%")
            .figures("RMSE, pooled", "mV")
            .figures("MAE", "mV")
            .figures("5th pct", "Pearson")
            .figures("R²", "");
    for (RowSummary row : result.rows()) {
      table.row(
          row.name(),
          Figures.count(row.parameters()),
          row.seeds().isEmpty() ? Figures.NONE : Figures.count(row.seeds().size()),
          rmse(row),
          spread(row.figure(Metric.PEARSON), 3),
          change(row, StudyRow.RIDGE),
          change(row, StudyRow.UNET),
          change(row, StudyRow.NO_H),
          spread(row.figure(Metric.RMSE_POOLED), 4),
          spread(row.figure(Metric.MAE), 4),
          spread(row.figure("mean/pearson_p5"), 3),
          spread(row.figure(Metric.R2), 3));
      if (row.name().equals(StudyRow.MODEL.id())) {
        table.emphasise();
      }
    }
    Evaluation e = result.evaluation();
    table.note(
        "%s and %s; %s left out for an invalid sample or a flat lead, none for its amplitude. Filter: %s."
            .formatted(
                Figures.count(e.patients(), "patient", "patients"),
                Figures.count(e.windows(), "window", "windows"),
                Figures.count(e.excluded()),
                e.preprocessing()));
    table.note(
        "After ± the standard deviation over seeds. Beneath a figure its 95 % interval over"
            + " patients (2 000 bootstrap resamples, the same for all rows).");
    if (e.patients() < 30) {
      table.note("Fewer than 30 patients: no intervals, and no claim rests on these figures.");
    }
    return table.markup();
  }

  /** All other figures that the evaluation has of every row, one a line. */
  private Markup others() {
    List<String> places =
        result.rows().stream()
            .flatMap(row -> row.figures().keySet().stream())
            .distinct()
            .filter(place -> !place.startsWith("mean/") && !place.startsWith("against_"))
            .toList();
    HtmlTable table =
        new HtmlTable("place-table", "All other figures, mean over seeds").text("Figure");
    result.rows().forEach(row -> table.figures(row.name(), ""));
    for (String place : places) {
      String[] cells = new String[result.rows().size() + 1];
      cells[0] = place.replace("/", ", ");
      for (int i = 1; i < cells.length; i++) {
        cells[i] = spread(result.rows().get(i - 1).figure(place), 4);
      }
      table.row(cells);
    }
    Markup out = new Markup();
    out.open("details").element("summary", "All other figures, by lead and by group");
    return out.add(table.markup()).close();
  }

  private Markup definitions() {
    HtmlTable table = new HtmlTable("row-definitions", "The rows").text("Row").text("What it is");
    result.rows().forEach(row -> table.row(row.name(), row.what()));
    return table.markup();
  }

  private static String rmse(RowSummary row) {
    String text = spread(row.figure(Metric.RMSE_WINDOW), 4);
    Interval interval = row.interval();
    return interval == null
        ? text
        : text + "\n" + Figures.range(interval.low(), interval.high(), 4);
  }

  static String spread(Spread spread, int decimals) {
    String mean = number(spread.mean(), decimals);
    return Double.isFinite(spread.deviation())
        ? mean + " ± " + number(spread.deviation(), decimals)
        : mean;
  }

  private static String change(RowSummary row, StudyRow reference) {
    RowSummary.Change change = row.against().get(reference.id());
    if (change == null) {
      return Figures.NONE;
    }
    String text = Figures.signed(change.seeds().mean(), 1);
    Interval interval = change.interval();
    return interval == null
        ? text
        : "%s\n%s to %s"
            .formatted(text, Figures.signed(interval.low(), 1), Figures.signed(interval.high(), 1));
  }
}
