// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import static org.precordia.report.html.Figures.number;
import static org.precordia.report.html.Figures.significant;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.precordia.benchmark.Measurement;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.XyChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/**
 * The roofline of each precision (Williams, Waterman &amp; Patterson 2009): what arithmetic and
 * memory allow at each number of operations a byte, and what ops reached.
 */
final class RooflineSection {
  /** With more points than this, only those of Precordia are numbered. */
  private static final int NAMED = 40;

  private record Point(Measurement line, Work work, double percent) {}

  private final List<Measurement> lines;
  private final Ceilings ceilings;

  RooflineSection(List<Measurement> lines) {
    this.lines = lines;
    this.ceilings = Ceilings.of(lines);
  }

  void write(Markup out) {
    if (ceilings.memory().isEmpty() || ceilings.arithmetic().isEmpty()) {
      out.paragraph(
          "These files hold no ceilings of memory and arithmetic, so there is no roofline.");
      return;
    }
    out.paragraph(
        "Left of the bend memory bounds an op, right of it arithmetic. A point on the roof does all"
            + " that the machine was seen to do; the number beside it, where there is room for"
            + " one, is that of the table.");
    boolean any = false;
    for (String precision :
        lines.stream()
            .map(line -> line.id().precision())
            .filter(p -> !p.isEmpty())
            .distinct()
            .toList()) {
      List<Point> points = points(precision);
      if (!points.isEmpty() && ceilings.highest(precision).isPresent()) {
        draw(out, precision, points);
        any = true;
      }
    }
    if (!any) {
      out.paragraph(
          "No op of these files says how many bytes it moves, so none has a place on a roofline;"
              + " the section below has their shares of the ceilings.");
    }
  }

  private List<Point> points(String precision) {
    List<Point> points = new ArrayList<>();
    for (Measurement line : lines) {
      Work work = Work.of(line);
      if (line.id().precision().equals(precision) && !line.id().isCeiling() && work.known()) {
        points.add(new Point(line, work, 100 * work.gflops() / roof(precision, work.intensity())));
      }
    }
    points.sort(Comparator.comparingDouble(Point::percent).reversed());
    return points;
  }

  private double roof(String precision, double intensity) {
    double arithmetic = ceilings.highest(precision).map(Ceilings.Ceiling::value).orElse(Double.NaN);
    return Math.min(arithmetic, intensity * ceilings.memory().orElseThrow().value());
  }

  private void draw(Markup out, String precision, List<Point> points) {
    Ceilings.Ceiling arithmetic = ceilings.highest(precision).orElseThrow();
    Ceilings.Ceiling memory = ceilings.memory().orElseThrow();
    double ridge = arithmetic.value() / memory.value();
    double left = ridge;
    double right = ridge;
    double lowest = arithmetic.value();
    for (Point point : points) {
      left = Math.min(left, point.work.intensity());
      right = Math.max(right, point.work.intensity());
      lowest = Math.min(lowest, point.work.gflops());
    }
    Axis x = Axis.log("operations a byte", left / 1.5, right * 1.5);
    Axis y = Axis.log("GFLOP/s", lowest / 1.5, arithmetic.value());
    double start = Math.max(x.low(), y.low() / memory.value());
    String id = "roofline-" + precision;
    XyChart chart =
        new XyChart(id + "-chart", "Roofline, " + precision, x, y)
            .size(760, 440)
            .reference(
                "",
                false,
                new double[] {start, ridge},
                new double[] {start * memory.value(), arithmetic.value()})
            .reference(
                Rates.arithmetic(arithmetic.value()),
                false,
                new double[] {ridge, x.high()},
                new double[] {arithmetic.value(), arithmetic.value()});
    for (boolean ours : new boolean[] {false, true}) {
      List<Point> of =
          points.stream().filter(p -> PeerSection.isOurs(p.line.id()) == ours).toList();
      if (!of.isEmpty()) {
        chart.points(
            ours ? 0 : 1,
            of.stream().mapToDouble(p -> p.work.intensity()).toArray(),
            of.stream().mapToDouble(p -> p.work.gflops()).toArray(),
            of.stream().map(RooflineSection::tip).toArray(String[]::new),
            points.size() > NAMED && !ours
                ? null
                : of.stream()
                    .map(p -> Integer.toString(points.indexOf(p) + 1))
                    .toArray(String[]::new));
      }
    }
    boolean both = points.stream().map(p -> PeerSection.isOurs(p.line.id())).distinct().count() > 1;
    out.add(
        ChartFigure.of(
            id,
            precision,
            both
                ? List.of(new ChartFigure.Key(0, "Precordia"), new ChartFigure.Key(1, "others"))
                : List.of(),
            false,
            chart.render(
                "%s ops under ceilings of %s and %s; the table beneath lists them."
                    .formatted(
                        points.size(),
                        Rates.memory(memory.value()),
                        Rates.arithmetic(arithmetic.value()))),
            "Memory: %s, %s. Arithmetic: %s, %s."
                .formatted(
                    memory.name(),
                    Rates.memory(memory.value()),
                    arithmetic.name(),
                    Rates.arithmetic(arithmetic.value()))));
    table(out, precision, points);
  }

  private static String tip(Point point) {
    return "%s, %s: %s, %s %% of the roof"
        .formatted(
            point.line.id().subject(),
            point.line.id().shapeText(),
            Rates.arithmetic(point.work.gflops()),
            number(point.percent, 0));
  }

  private static void table(Markup out, String precision, List<Point> points) {
    HtmlTable table =
        new HtmlTable(
                "roofline-" + precision + "-table",
                "Ops in " + precision + ", nearest to the roof first")
            .figures("#", "")
            .text("Op")
            .text("By")
            .text("Shape")
            .figures("Time", "ms")
            .figures("Intensity", "op/byte")
            .figures("Rate", "GFLOP/s")
            .figures("Of the roof", "%");
    for (int i = 0; i < points.size(); i++) {
      Point point = points.get(i);
      Measurement line = point.line;
      String cache = line.id().cache().isEmpty() ? "" : ", " + line.id().cache();
      table.row(
          Figures.count(i + 1),
          line.id().subject(),
          line.id().variant() + cache,
          line.id().shapeText(),
          significant(line.medianMs(), 3),
          significant(point.work.intensity(), 3),
          significant(point.work.gflops(), 3),
          number(point.percent, 1));
    }
    out.add(table.markup());
  }
}
