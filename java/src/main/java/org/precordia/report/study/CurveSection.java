// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.XyChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;
import org.precordia.study.CurvePoint;
import org.precordia.study.Spread;

/** What more patients give. */
final class CurveSection {
  private final List<CurvePoint> points;

  CurveSection(List<CurvePoint> points) {
    this.points = points;
  }

  void write(Markup out) {
    double[] all =
        points.stream()
            .flatMapToDouble(
                p ->
                    DoubleStream.concat(
                        p.model().values().stream().mapToDouble(v -> v),
                        p.ridge().values().stream().mapToDouble(v -> v)))
            .toArray();
    double[] patients = points.stream().mapToDouble(CurvePoint::patients).toArray();
    XyChart chart =
        new XyChart(
            "curve-chart",
            "Error by number of patients that were learned from",
            Axis.fromZero("patients learned from", DoubleStream.of(patients).max().orElse(1)),
            Axis.linear(
                "RMSE of a window, mV",
                DoubleStream.of(all).min().orElse(0),
                DoubleStream.of(all).max().orElse(1)));
    add(chart, 0, "model", patients, CurvePoint::model);
    add(chart, 1, "ridge", patients, CurvePoint::ridge);
    out.add(
        ChartFigure.of(
            "curve-figure",
            "",
            List.of(),
            false,
            chart.render("Falling lines mean that more patients help; the table has the figures."),
            "Line: mean over seeds; marks: the seeds, each of which draws its patients. Fewer"
                + " patients are part of the more."));
    HtmlTable table =
        new HtmlTable("curve-table", "By share of the training patients")
            .text("Share")
            .figures("Patients", "learned from")
            .figures("RMSE, model", "mV")
            .figures("Pearson, model", "")
            .figures("RMSE, ridge", "mV")
            .figures("Model to ridge", "%");
    for (CurvePoint point : points) {
      table.row(
          point.percent() + " %",
          Figures.count(point.patients()),
          StudyTable.spread(point.model(), 4),
          StudyTable.spread(point.pearson(), 3),
          StudyTable.spread(point.ridge(), 4),
          Figures.signed(100 * (point.model().mean() / point.ridge().mean() - 1), 1));
    }
    out.add(table.markup());
  }

  private void add(
      XyChart chart,
      int series,
      String name,
      double[] patients,
      Function<CurvePoint, Spread> figure) {
    double[] means = points.stream().mapToDouble(p -> figure.apply(p).mean()).toArray();
    chart.line(series, name, patients, means);
    for (int i = 0; i < patients.length; i++) {
      double[] values = figure.apply(points.get(i)).values().stream().mapToDouble(v -> v).toArray();
      double at = patients[i];
      double[] xs = DoubleStream.generate(() -> at).limit(values.length).toArray();
      chart.points(series, xs, values, null, null);
    }
  }
}
