// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;

import java.util.ArrayList;
import java.util.List;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.GroupKind;
import org.precordia.eval.GroupResult;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.RowResult;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** The rows by superclass, sex or age; where patients are few their number alone. */
final class GroupSection {
  private final Evaluation e;
  private final GroupKind kind;
  private final List<String> shown;

  GroupSection(Evaluation evaluation, GroupKind kind) {
    this.e = evaluation;
    this.kind = kind;
    this.shown =
        EvaluationReport.present(e, EvaluationRow.RIDGE, EvaluationRow.NO_H, EvaluationRow.MODEL);
  }

  void write(Markup out) {
    List<GroupResult> groups = e.groups(kind);
    List<GroupResult> claimable = groups.stream().filter(GroupResult::claimable).toList();
    if (!claimable.isEmpty()) {
      out.add(chart(claimable));
    }
    HtmlTable table =
        new HtmlTable(kind.key() + "-table", "Error by " + name())
            .text(heading())
            .figures("Patients", "")
            .figures("Windows", "");
    shown.forEach(row -> table.figures("RMSE, " + row, "mV"));
    table.figures("Model to ridge", "%").figures("Model to no-h", "%");
    groups.forEach(group -> table.row(cells(group)));
    table.note(note());
    table.note("With fewer than 30 patients the number stands alone, and nothing is claimed.");
    out.add(table.markup());
  }

  private String[] cells(GroupResult group) {
    List<String> cells = new ArrayList<>();
    cells.add(group.name());
    cells.add(Figures.count(group.patients()));
    cells.add(Figures.count(group.windows()));
    boolean claim = group.claimable();
    for (String row : shown) {
      cells.add(
          claim
              ? RowTables.figure(
                  EvaluationReport.row(group.rows(), row).orElseThrow().mean(),
                  Metric.RMSE_WINDOW,
                  4)
              : Figures.NONE);
    }
    RowResult model = claim ? EvaluationReport.model(group.rows()) : null;
    cells.add(RowTables.change(model == null ? null : model.againstRidge()));
    cells.add(RowTables.change(model == null ? null : model.againstNoH()));
    return cells.toArray(String[]::new);
  }

  private Markup chart(List<GroupResult> groups) {
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    for (GroupResult group : groups) {
      for (String name : shown) {
        RowResult row = EvaluationReport.row(group.rows(), name).orElseThrow();
        Interval interval = interval(row);
        low = Math.min(low, Math.min(mean(row), interval.low()));
        high = Math.max(high, Math.max(mean(row), interval.high()));
      }
    }
    IntervalChart chart =
        IntervalChart.marks(
            kind.key() + "-chart",
            "Error by " + name() + ", with 95 % intervals",
            Axis.linear("RMSE of a window, mV", low, high),
            Double.NaN);
    for (GroupResult group : groups) {
      chart.group();
      for (String name : shown) {
        RowResult row = EvaluationReport.row(group.rows(), name).orElseThrow();
        Interval interval = interval(row);
        chart.item(
            group.name() + ", " + name,
            RowTables.series(name),
            mean(row),
            interval.low(),
            interval.high(),
            number(mean(row), 3));
      }
    }
    return ChartFigure.of(
        kind.key() + "-figure",
        "",
        List.of(),
        false,
        chart.render("Means and intervals; the table beneath has the figures."),
        "Mean with 95 % interval over patients. Groups with fewer than 30 patients are not shown.");
  }

  private String heading() {
    return switch (kind) {
      case SUPERCLASS -> "Superclass";
      case SEX -> "Sex";
      case AGE -> "Age, years";
    };
  }

  private String name() {
    return switch (kind) {
      case SUPERCLASS -> "diagnostic superclass";
      case SEX -> "sex";
      case AGE -> "age";
    };
  }

  private String note() {
    return switch (kind) {
      case SUPERCLASS ->
          "NORM normal, MI myocardial infarction, STTC changes of ST segment and T wave, CD"
              + " conduction disturbance, HYP hypertrophy; of any likelihood, so a record may count"
              + " in several.";
      case SEX -> "F women, M men, as the data set states it.";
      case AGE -> "Age at the recording; a patient recorded twice may count in two bands.";
    };
  }

  private static double mean(RowResult row) {
    return row.mean().values().get(Metric.RMSE_WINDOW);
  }

  private static Interval interval(RowResult row) {
    return row.mean()
        .intervals()
        .getOrDefault(Metric.RMSE_WINDOW, new Interval(Double.NaN, Double.NaN));
  }
}
