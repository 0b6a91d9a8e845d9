// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.precordia.report.ConsoleTable.interval;
import static org.precordia.report.ConsoleTable.number;

import java.nio.charset.Charset;
import java.util.Locale;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.SeedMeans;
import org.precordia.report.ConsoleTable;
import org.precordia.study.ControlResult;
import org.precordia.study.CurvePoint;
import org.precordia.study.RowSummary;
import org.precordia.study.Spread;
import org.precordia.study.StudyResult;
import org.precordia.study.StudyRow;

/** A study as tables for a terminal. */
final class StudyText {
  private StudyText() {}

  static String of(StudyResult result) {
    boolean unicode = Charset.defaultCharset().newEncoder().canEncode('–');
    StringBuilder text = new StringBuilder("\n").append(rows(result).render(unicode));
    if (!result.controls().isEmpty()) {
      text.append('\n').append(controls(result).render(unicode));
    }
    if (!result.curve().isEmpty()) {
      text.append('\n').append(curve(result).render(unicode));
    }
    return text.toString();
  }

  private static ConsoleTable rows(StudyResult result) {
    ConsoleTable table =
        ConsoleTable.of(
            "row",
            "parameters",
            "seeds",
            "RMSE/window [mV]",
            "sd",
            "95 %",
            "pooled [mV]",
            "Pearson",
            "sd",
            "R²",
            "to ridge [%]",
            "95 %",
            "to unet [%]",
            "to no-h [%]");
    for (RowSummary row : result.rows()) {
      RowSummary.Change ridge = row.against().get(StudyRow.RIDGE.id());
      Spread rmse = row.figure(Metric.RMSE_WINDOW);
      Spread pearson = row.figure(Metric.PEARSON);
      table.row(
          row.name(),
          String.format(Locale.ROOT, "%,d", row.parameters()),
          row.seeds().isEmpty() ? "" : Integer.toString(row.seeds().size()),
          number(rmse.mean(), 4),
          number(rmse.deviation(), 4),
          range(row.interval(), 4),
          number(row.figure(Metric.RMSE_POOLED).mean(), 4),
          number(pearson.mean(), 3),
          number(pearson.deviation(), 3),
          number(row.figure(Metric.R2).mean(), 3),
          change(row, StudyRow.RIDGE),
          range(ridge == null ? null : ridge.interval(), 1),
          change(row, StudyRow.UNET),
          change(row, StudyRow.NO_H));
    }
    Evaluation e = result.evaluation();
    table.note(
        "%s, fold %s: %d patients, %,d windows, %d left out; look %d at this fold"
            .formatted(
                e.dataset(), e.fold(), e.patients(), e.windows(), e.excluded(), result.looks()));
    table.note("means over seeds, sd over seeds; intervals over patients, of the mean over seeds");
    return table;
  }

  private static String change(RowSummary row, StudyRow reference) {
    RowSummary.Change change = row.against().get(reference.id());
    return number(change == null ? Double.NaN : change.seeds().mean(), 1);
  }

  private static ConsoleTable controls(StudyResult result) {
    ConsoleTable table =
        ConsoleTable.of(
            "row", "against control", "RMSE/window [%]", "95 %", "patients better", "beats it");
    for (ControlResult control : result.controls()) {
      SeedMeans.Difference d = control.difference();
      table.row(
          control.row().id(),
          control.control().id(),
          number(d.percent(), 2),
          range(d.interval(), 2),
          "%d of %d".formatted(d.better(), d.patients()),
          d.beats() ? "yes" : "no");
    }
    return table;
  }

  private static ConsoleTable curve(StudyResult result) {
    ConsoleTable table =
        ConsoleTable.of(
            "training patients",
            "learned from",
            "model RMSE/window [mV]",
            "sd",
            "Pearson",
            "ridge RMSE/window [mV]",
            "sd");
    for (CurvePoint point : result.curve()) {
      table.row(
          point.percent() + " %",
          Integer.toString(point.patients()),
          number(point.model().mean(), 4),
          number(point.model().deviation(), 4),
          number(point.pearson().mean(), 3),
          number(point.ridge().mean(), 4),
          number(point.ridge().deviation(), 4));
    }
    return table;
  }

  private static String range(Interval interval, int decimals) {
    return interval == null
        ? number(Double.NaN, decimals)
        : interval(interval.low(), interval.high(), decimals);
  }
}
