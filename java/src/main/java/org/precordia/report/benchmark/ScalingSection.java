// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.precordia.benchmark.Measurement;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.XyChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** How whole passes scale with one of their sizes, all others being equal. */
final class ScalingSection {
  private static final List<String> SIZES = List.of("batch", "length", "width", "threads");
  private static final int MOST_SERIES = 5;
  private static final int FEWEST_POINTS = 2;

  private record Chart(String subject, String size, String rest) {}

  private final List<Measurement> lines;

  ScalingSection(List<Measurement> lines) {
    this.lines = lines;
  }

  void write(Markup out) {
    Map<Chart, SortedMap<String, List<Measurement>>> charts = new LinkedHashMap<>();
    for (Measurement line : lines) {
      if (!line.unit().endsWith("/s")
          || line.unit().contains("FLOP")
          || line.unit().contains("B/s")) {
        continue;
      }
      for (String size : SIZES) {
        SortedMap<String, String> shape = new TreeMap<>(line.id().shape());
        String value = shape.remove(size);
        if (value != null && value.matches("\\d+")) {
          if (size.equals("width")) {
            shape.remove("size"); // the name of the width
          }
          Chart chart = new Chart(line.id().subject(), size, text(shape));
          charts
              .computeIfAbsent(chart, any -> new TreeMap<>())
              .computeIfAbsent(name(line), any -> new ArrayList<>())
              .add(line);
        }
      }
    }
    int number = 0;
    out.open("div", "class", "pair");
    for (Map.Entry<Chart, SortedMap<String, List<Measurement>>> entry : charts.entrySet()) {
      SortedMap<String, List<Measurement>> series = new TreeMap<>(entry.getValue());
      series.values().removeIf(of -> distinct(of, entry.getKey().size) < FEWEST_POINTS);
      if (!series.isEmpty()) {
        draw(out, "scaling-" + number++, entry.getKey(), series);
      }
    }
    out.close();
    if (number == 0) {
      out.paragraph("These files measured no pass at several sizes.");
    }
  }

  private static String name(Measurement line) {
    return line.id().precision().isEmpty()
        ? line.id().variant()
        : line.id().variant() + ", " + line.id().precision();
  }

  private static String text(SortedMap<String, String> shape) {
    return String.join(
        ", ", shape.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList());
  }

  private static String more(int series) {
    return series > MOST_SERIES ? " The first five are drawn, the table has all." : "";
  }

  private static long distinct(List<Measurement> of, String size) {
    return of.stream().map(line -> line.id().shape().get(size)).distinct().count();
  }

  private static double size(Measurement line, String size) {
    return Double.parseDouble(line.id().shape().get(size));
  }

  private static void draw(
      Markup out, String id, Chart about, SortedMap<String, List<Measurement>> series) {
    List<Measurement> all = series.values().stream().flatMap(List::stream).toList();
    String unit = all.getFirst().unit();
    Axis x =
        Axis.log(
            about.size,
            all.stream().mapToDouble(line -> size(line, about.size)).min().getAsDouble(),
            all.stream().mapToDouble(line -> size(line, about.size)).max().getAsDouble());
    Axis y =
        Axis.log(
            unit,
            all.stream().mapToDouble(Measurement::value).min().getAsDouble(),
            all.stream().mapToDouble(Measurement::value).max().getAsDouble());
    String heading = "%s by %s".formatted(about.subject, about.size);
    XyChart chart = new XyChart(id + "-chart", heading, x, y).size(560, 330);
    HtmlTable table =
        new HtmlTable(id + "-table", heading)
            .text("By")
            .figures(about.size, "")
            .figures("Median", "ms")
            .figures("Rate", unit);
    int colour = 0;
    for (Map.Entry<String, List<Measurement>> of : series.entrySet()) {
      List<Measurement> sorted =
          of.getValue().stream()
              .sorted(Comparator.comparingDouble(line -> size(line, about.size)))
              .toList();
      if (colour < MOST_SERIES) {
        double[] xs = sorted.stream().mapToDouble(line -> size(line, about.size)).toArray();
        double[] ys = sorted.stream().mapToDouble(Measurement::value).toArray();
        chart.line(colour, of.getKey(), xs, ys).points(colour, xs, ys, null, null);
        colour++;
      }
      for (Measurement line : sorted) {
        table.row(
            of.getKey(),
            line.id().shape().get(about.size),
            Figures.significant(line.medianMs(), 3),
            Figures.significant(line.value(), 4));
      }
    }
    out.open("div")
        .add(
            ChartFigure.of(
                id,
                heading,
                List.of(),
                true,
                chart.render("Rates by " + about.size + "; the table beneath has them."),
                about.rest.isEmpty() ? "" : "At " + about.rest + "." + more(series.size())));
    out.add(table.markup()).close();
  }
}
