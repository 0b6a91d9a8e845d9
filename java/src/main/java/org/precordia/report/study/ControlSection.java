// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import java.util.List;
import org.precordia.eval.Interval;
import org.precordia.eval.SeedMeans;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;
import org.precordia.study.ControlResult;
import org.precordia.study.StudyResult;

/** Rows whose h knows labels, against those that tell whether the labels did it. */
final class ControlSection {
  private final List<ControlResult> controls;

  ControlSection(StudyResult result) {
    this.controls = result.controls();
  }

  void write(Markup out) {
    if (controls.isEmpty()) {
      out.paragraph("No row is here together with one of its controls.");
      return;
    }
    if (controls.getFirst().difference().interval() != null) {
      out.add(chart());
    }
    HtmlTable table =
        new HtmlTable("control-table", "Paired on the same patients")
            .text("Row")
            .text("Control")
            .text("What the control is")
            .figures("RMSE to control", "%")
            .figures("Difference", "mV")
            .figures("Patients better", "")
            .text("Errs less");
    for (ControlResult control : controls) {
      SeedMeans.Difference d = control.difference();
      table.row(
          control.row().id(),
          control.control().id(),
          control.control().what(),
          change(d),
          Figures.signed(d.millivolt(), 5),
          "%s of %s".formatted(Figures.count(d.better()), Figures.count(d.patients())),
          d.beats() ? "yes" : "no");
    }
    out.add(
        table
            .note(
                "Negative: the row's error is smaller than its control's. Errs less: the interval"
                    + " lies below zero.")
            .markup());
  }

  private Markup chart() {
    double low = 0;
    double high = 0;
    for (ControlResult control : controls) {
      low = Math.min(low, control.difference().interval().low());
      high = Math.max(high, control.difference().interval().high());
    }
    IntervalChart chart =
        IntervalChart.marks(
            "control-chart",
            "Change of the error against each control",
            Axis.linear("change of the RMSE of a window, %", low, high),
            0);
    for (ControlResult control : controls) {
      SeedMeans.Difference d = control.difference();
      if (control == controls.getFirst()
          || control.row() != controls.get(controls.indexOf(control) - 1).row()) {
        chart.group();
      }
      chart.item(
          control.row().id() + " to " + control.control().id(),
          d.beats() ? 0 : 1,
          d.percent(),
          d.interval().low(),
          d.interval().high(),
          Figures.signed(d.percent(), 2) + " %");
    }
    return ChartFigure.of(
        "control-figure",
        "",
        List.of(),
        false,
        chart.render("Changes with intervals; the table beneath has the figures."),
        "Change with its 95 % interval over patients. Left of the line the row errs less than its"
            + " control.");
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
