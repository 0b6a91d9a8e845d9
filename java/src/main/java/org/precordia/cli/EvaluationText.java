// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.Locale;
import java.util.Map;
import org.precordia.data.Lead;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.RowResult;

/** An evaluation as a table for a terminal. */
final class EvaluationText {
  private static final String ROW = "%-8s %11s  %-23s %8s %8s  %-22s %7s %7s  %s%n";

  private EvaluationText() {}

  static String of(Evaluation e) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%n%s, fold %s: %d patients, %,d windows (%d left out: invalid or flat); %s -> %s%n"
            .formatted(
                e.dataset(),
                e.fold(),
                e.patients(),
                e.windows(),
                e.excluded(),
                e.inputs(),
                e.targets()));
    text.append(
        "errors in mV, %s Hz, preprocessing %s, windows of %d samples; [95 %% interval over patients]%n%n"
            .formatted(number(e.rate(), 0), e.preprocessing(), e.window()));
    text.append(
        ROW.formatted(
            "row",
            "parameters",
            "RMSE/window",
            "pooled",
            "MAE",
            "Pearson",
            "p5",
            "R2",
            "RMSE vs ridge"));
    for (RowResult row : e.rows()) {
      RowResult.Figures f = row.mean();
      text.append(
          ROW.formatted(
              row.name(),
              "%,d".formatted(row.parameters()),
              withInterval(f, Metric.RMSE_WINDOW, 4),
              number(f.values().get(Metric.RMSE_POOLED), 4),
              number(f.values().get(Metric.MAE), 4),
              withInterval(f, Metric.PEARSON, 3),
              number(f.pearson5(), 3),
              number(f.values().get(Metric.R2), 3),
              againstRidge(row)));
    }
    text.append(leads(e));
    if (e.rows().getFirst().mean().intervals().isEmpty()) {
      text.append(
          "%nFewer than 30 patients: no intervals, and no claim rests on these figures.%n"
              .formatted());
    }
    return text.toString();
  }

  private static String leads(Evaluation e) {
    RowResult model = e.rows().getLast();
    StringBuilder text = new StringBuilder("%n%-8s".formatted(model.name()));
    for (Lead lead : e.targets()) {
      text.append("%10s".formatted(lead));
    }
    for (Metric metric : new Metric[] {Metric.RMSE_WINDOW, Metric.PEARSON}) {
      text.append("%n%-8s".formatted(metric == Metric.PEARSON ? "Pearson" : "RMSE"));
      for (Map.Entry<Lead, RowResult.Figures> lead : model.leads().entrySet()) {
        text.append(
            "%10s"
                .formatted(
                    number(lead.getValue().values().get(metric), metric.millivolt() ? 4 : 3)));
      }
    }
    return text.append(System.lineSeparator()).toString();
  }

  private static String withInterval(RowResult.Figures figures, Metric metric, int digits) {
    String value = number(figures.values().get(metric), digits);
    Interval interval = figures.intervals().get(metric);
    return interval == null || value.equals("-")
        ? value
        : "%s [%s, %s]"
            .formatted(value, number(interval.low(), digits), number(interval.high(), digits));
  }

  private static String againstRidge(RowResult row) {
    RowResult.Comparison c = row.againstRidge();
    if (c == null) {
      return "";
    }
    Interval i = c.rmseInterval();
    String percent = String.format(Locale.ROOT, "%+.1f %%", c.rmsePercent());
    return i == null
        ? percent
        : percent + String.format(Locale.ROOT, " [%+.1f, %+.1f]", i.low(), i.high());
  }

  private static String number(double value, int digits) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "-";
  }
}
