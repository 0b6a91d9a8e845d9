// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.precordia.report.ConsoleTable.interval;
import static org.precordia.report.ConsoleTable.number;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.eval.SeedMeans;
import org.precordia.report.ConsoleTable;
import org.precordia.study.CurvePoint;
import org.precordia.study.MeasureTable;
import org.precordia.study.RowSummary;
import org.precordia.study.Spread;
import org.precordia.study.StudyComparison;
import org.precordia.study.StudyResult;
import org.precordia.study.StudyRow;

/** A study as tables for a terminal. */
final class StudyText {
  private StudyText() {}

  static String of(StudyResult result) {
    boolean unicode = Charset.defaultCharset().newEncoder().canEncode('–');
    StringBuilder text = new StringBuilder("\n").append(rows(result).render(unicode));
    if (!result.comparisons().isEmpty()) {
      text.append('\n').append(comparisons(result).render(unicode));
    }
    for (MeasureTable table : MeasureTable.of(result)) {
      text.append('\n').append(table.title()).append('\n');
      text.append(measures(table).render(unicode));
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

  private static ConsoleTable comparisons(StudyResult result) {
    ConsoleTable table =
        ConsoleTable.of(
            "row",
            "against",
            "RMSE/window [%]",
            "95 %",
            "patients better",
            "median [mV]",
            "p (Holm)",
            "Pearson, median",
            "p (Holm)",
            "beats it");
    for (StudyComparison comparison : result.controls()) {
      add(table, comparison);
    }
    if (!result.rivals().isEmpty()) {
      table.rule();
    }
    for (StudyComparison comparison : result.rivals()) {
      add(table, comparison);
    }
    table.note(
        "beats it: the interval lies below zero, and Holm's p of the error, over all tests of this"
            + " table, below 0.05");
    return table;
  }

  private static void add(ConsoleTable table, StudyComparison comparison) {
    SeedMeans.Difference d = comparison.difference();
    Optional<PairedTest> error = comparison.test(Metric.RMSE_WINDOW);
    Optional<PairedTest> pearson = comparison.test(Metric.PEARSON);
    table.row(
        comparison.row().id(),
        comparison.against().id(),
        number(d.percent(), 2),
        range(d.interval(), 2),
        "%d of %d".formatted(d.better(), d.patients()),
        number(error.map(PairedTest::difference).orElse(Double.NaN), 5),
        EvaluationText.probability(error.map(PairedTest::holm).orElse(Double.NaN)),
        number(pearson.map(PairedTest::difference).orElse(Double.NaN), 4),
        EvaluationText.probability(pearson.map(PairedTest::holm).orElse(Double.NaN)),
        comparison.beats() ? "yes" : "no");
  }

  private static ConsoleTable measures(MeasureTable measures) {
    ConsoleTable table =
        ConsoleTable.of(
            Stream.concat(
                    Stream.of("row"),
                    measures.columns().stream()
                        .map(c -> c.unit().isEmpty() ? c.name() : c.name() + " [" + c.unit() + "]"))
                .toArray(String[]::new));
    measures.references().forEach(line -> table.row(cells(measures, line)));
    if (!measures.references().isEmpty()) {
      table.rule();
    }
    measures.lines().forEach(line -> table.row(cells(measures, line)));
    measures.notes().forEach(table::note);
    return table;
  }

  private static String[] cells(MeasureTable measures, MeasureTable.Line line) {
    List<String> cells = new ArrayList<>(List.of(line.name()));
    for (int column = 0; column < measures.columns().size(); column++) {
      Spread spread = line.figures().get(column);
      int decimals = measures.columns().get(column).decimals();
      String mean = number(spread.mean(), decimals);
      cells.add(
          Double.isNaN(spread.deviation())
              ? mean
              : mean + " ± " + number(spread.deviation(), decimals));
    }
    return cells.toArray(String[]::new);
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
