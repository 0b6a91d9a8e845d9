// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import static org.precordia.report.html.Figures.number;
import static org.precordia.report.html.Figures.significant;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.benchmark.BenchmarkCase;
import org.precordia.benchmark.Measurement;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** What share of a pass each op takes, and what of its ceiling it reaches. */
final class OpSection {
  private static final String SHARE = "%";

  /** Ops with a smaller share are in the table, not in the chart. */
  private static final double SHOWN = 1;

  private final List<Measurement> lines;

  OpSection(List<Measurement> lines) {
    this.lines = lines;
  }

  void write(Markup out) {
    Map<String, List<Measurement>> passes = new LinkedHashMap<>();
    for (Measurement line : lines) {
      if (line.unit().startsWith(SHARE)) {
        passes.computeIfAbsent(pass(line.id()), any -> new ArrayList<>()).add(line);
      }
    }
    if (passes.isEmpty()) {
      out.paragraph("These files do not split a pass into its ops.");
      return;
    }
    int number = 0;
    for (Map.Entry<String, List<Measurement>> pass : passes.entrySet()) {
      write(out, "ops-" + number++, pass.getKey(), pass.getValue());
    }
  }

  /** The subject without the op's own name, the precision and the shape. */
  private static String pass(BenchmarkCase id) {
    String subject = id.subject();
    int colon = subject.indexOf(": ");
    return "%s, %s, %s"
        .formatted(
            colon < 0 ? subject : subject.substring(0, colon), id.precision(), id.shapeText());
  }

  private static String op(BenchmarkCase id) {
    int colon = id.subject().indexOf(": ");
    return colon < 0 ? id.variant() : id.subject().substring(colon + 2);
  }

  private static void write(Markup out, String id, String pass, List<Measurement> ops) {
    List<Measurement> sorted =
        ops.stream().sorted(Comparator.comparingDouble(Measurement::value).reversed()).toList();
    IntervalChart chart =
        IntervalChart.bars(
            id + "-chart",
            "Share of the pass by op: " + pass,
            Axis.fromZero("% of the pass", sorted.getFirst().value()),
            Double.NaN);
    for (Measurement op : sorted) {
      if (op.value() >= SHOWN) {
        chart.item(
            op(op.id()), 0, op.value(), Double.NaN, Double.NaN, number(op.value(), 1) + " %");
      }
    }
    out.add(
        ChartFigure.of(
            id,
            pass,
            List.of(),
            false,
            chart.render("Ops sorted by their share; the table beneath has all of them."),
            "Ops with less than 1 % are in the table alone."));
    HtmlTable table =
        new HtmlTable(id + "-table", "Ops by share of the pass: " + pass)
            .text("Op")
            .figures("Median", "ms")
            .figures("10 to 90 %", "ms")
            .figures("Share", "%")
            .figures("Rate", "GFLOP/s")
            .figures("Of the ceiling", "%");
    for (Measurement op : sorted) {
      table.row(
          op(op.id()),
          significant(op.medianMs(), 3),
          significant(op.number("p10_ms"), 3) + " to " + significant(op.number("p90_ms"), 3),
          number(op.value(), 1),
          significant(op.number("gflops"), 3),
          number(op.number("percent_of_ceiling"), 1));
    }
    out.add(table.markup());
  }
}
