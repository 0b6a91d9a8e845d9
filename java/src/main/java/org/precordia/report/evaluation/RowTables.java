// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.precordia.data.Lead;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.RecordResult;
import org.precordia.eval.RowResult;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.BoxChart;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** The rows of an evaluation: in one table, and by lead. */
final class RowTables {
  /** Colour and form of a row, the same in all charts. */
  private static final Map<String, Integer> SERIES =
      Map.of(
          EvaluationRow.MODEL,
          0,
          EvaluationRow.RIDGE,
          1,
          EvaluationRow.NO_H,
          2,
          EvaluationRow.MEAN,
          3);

  private static final Map<String, String> DEFINITIONS =
      Map.of(
          EvaluationRow.MEAN, "the training set's mean of each lead",
          EvaluationRow.RIDGE, "linear regression on the inputs, sample by sample",
          EvaluationRow.NO_H, "the same network without pathology branch",
          EvaluationRow.MODEL, "the network");

  private static final double LEAST = 1e-3;

  private final Evaluation e;

  RowTables(Evaluation evaluation) {
    this.e = evaluation;
  }

  static int series(String row) {
    return SERIES.getOrDefault(row, 4);
  }

  /** The reviewer's table, and what its columns mean. */
  void rows(Markup out) {
    HtmlTable table =
        new HtmlTable("row-table", "Every row on the same windows, mean over leads")
            .text("Row")
            .figures("Parameters", "")
            .figures("RMSE, window", "mV")
            .figures("RMSE, pooled", "mV")
            .figures("MAE", "mV")
            .figures("Pearson", "")
            .figures("5th pct", "Pearson")
            .figures("R²", "")
            .figures("RMSE to ridge", "%")
            .figures("RMSE to no-h", "%");
    for (RowResult row : e.rows()) {
      RowResult.Figures f = row.mean();
      table.row(
          row.name(),
          Figures.count(row.parameters()),
          figure(f, Metric.RMSE_WINDOW, 4),
          figure(f, Metric.RMSE_POOLED, 4),
          figure(f, Metric.MAE, 4),
          figure(f, Metric.PEARSON, 3),
          number(f.pearson5(), 3),
          figure(f, Metric.R2, 3),
          change(row.againstRidge()),
          change(row.againstNoH()));
      if (row.name().equals(EvaluationRow.MODEL)) {
        table.emphasise();
      }
    }
    table.note(
        "%s and %s; %s left out for an invalid sample or a flat lead, none for its amplitude."
            .formatted(
                Figures.count(e.patients(), "patient", "patients"),
                Figures.count(e.windows(), "window", "windows"),
                Figures.count(e.excluded())));
    table.note(
        "Beneath each figure its 95 % interval: 2.5 to 97.5 percentile of 2 000 bootstrap resamples"
            + " of patients, the same for all rows, so that changes to ridge and no-h are paired.");
    if (e.patients() < 30) {
      table.note("Fewer than 30 patients: no intervals, and no claim rests on these figures.");
    }
    out.add(table.markup()).add(definitions());
  }

  private Markup definitions() {
    HtmlTable table = new HtmlTable("definitions", "Definitions").text("Name").text("Meaning");
    e.rows()
        .forEach(row -> table.row(row.name(), DEFINITIONS.getOrDefault(row.name(), "a network")));
    return table
        .row(
            "RMSE of a window",
            "root mean square of p − y over a window and lead (y recorded, p reconstructed, mV);"
                + " mean over leads, then windows")
        .row(
            "RMSE, pooled",
            "root of the mean of (p − y)² over all samples and leads; large errors weigh more")
        .row("MAE", "mean of |p − y| over all samples")
        .row(
            "Pearson",
            "correlation of p with y in a window and lead, mean over leads, then windows; windows"
                + " whose y deviates by less than 0.01 mV are skipped")
        .row("5th pct", "5th percentile of the same over windows")
        .row("R²", "1 − SSE/SST of a lead over the whole selection; mean over leads")
        .row(
            "RMSE to ridge", "change of the RMSE of a window against row ridge; negative is better")
        .markup();
  }

  /** Distribution over records, and the figures, a lead each. */
  void leads(Markup out) {
    List<String> shown = present(EvaluationRow.RIDGE, EvaluationRow.MODEL);
    double lowest = Double.POSITIVE_INFINITY;
    double highest = 0;
    for (RecordResult record : e.records()) {
      for (String row : shown) {
        for (double rmse : record.rows().get(row).leads().values()) {
          // An error of nothing has no place on a logarithmic axis; a microvolt is near enough.
          lowest = Math.min(lowest, Math.max(rmse, LEAST));
          highest = Math.max(highest, Math.max(rmse, LEAST));
        }
      }
    }
    BoxChart chart =
        new BoxChart(
            "lead-chart",
            "Error of each record, by lead",
            Axis.log("RMSE, mV (logarithmic)", lowest, highest));
    for (Lead lead : e.targets()) {
      chart.group(lead.label());
      for (String row : shown) {
        chart.box(
            series(row),
            e.records().stream()
                .mapToDouble(record -> record.rows().get(row).leads().get(lead))
                .toArray());
      }
    }
    out.add(
        ChartFigure.of(
            "lead-figure",
            "",
            keys(shown),
            false,
            chart.render(
                "Box plots of the error of %s records in each reconstructed lead, for %s. The table beneath"
                        .formatted(e.records().size(), String.join(" and ", shown))
                    + " has the means."),
            "A point is a record: the mean RMSE of its windows, on a logarithmic scale. Box:"
                + " quartiles and median; whiskers: 5th to 95th percentile."));
    HtmlTable table =
        new HtmlTable("lead-table", "Means over windows, by lead")
            .text("Lead")
            .figures("RMSE, model", "mV")
            .figures("RMSE, ridge", "mV")
            .figures("Change", "%")
            .figures("MAE, model", "mV")
            .figures("Pearson", "model")
            .figures("R²", "model");
    RowResult model = EvaluationReport.model(e.rows());
    Optional<RowResult> ridge = EvaluationReport.row(e.rows(), EvaluationRow.RIDGE);
    for (Lead lead : e.targets()) {
      RowResult.Figures f = model.leads().get(lead);
      double own = f.values().get(Metric.RMSE_WINDOW);
      double base =
          ridge.map(r -> r.leads().get(lead).values().get(Metric.RMSE_WINDOW)).orElse(Double.NaN);
      table.row(
          lead.label(),
          figure(f, Metric.RMSE_WINDOW, 4),
          number(base, 4),
          Figures.signed(100 * (own / base - 1), 1),
          number(f.values().get(Metric.MAE), 4),
          number(f.values().get(Metric.PEARSON), 3),
          number(f.values().get(Metric.R2), 3));
    }
    out.add(table.markup());
  }

  private List<String> present(String... names) {
    return EvaluationReport.present(e, names);
  }

  private static List<ChartFigure.Key> keys(List<String> rows) {
    return rows.stream().map(row -> new ChartFigure.Key(series(row), row)).toList();
  }

  /** A figure, and beneath it its interval. */
  static String figure(RowResult.Figures figures, Metric metric, int decimals) {
    double value = figures.values().get(metric);
    Interval interval = figures.intervals().get(metric);
    String text = number(value, decimals);
    return interval == null || !Double.isFinite(value)
        ? text
        : text + "\n" + Figures.range(interval.low(), interval.high(), decimals);
  }

  /** A change in percent, and beneath it its interval. */
  static String change(RowResult.Comparison c) {
    if (c == null) {
      return Figures.NONE;
    }
    String text = Figures.signed(c.rmsePercent(), 1);
    Interval interval = c.rmseInterval();
    return interval == null
        ? text
        : "%s\n%s to %s"
            .formatted(text, Figures.signed(interval.low(), 1), Figures.signed(interval.high(), 1));
  }
}
