// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import static org.precordia.report.html.Figures.significant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.benchmark.BenchmarkCase;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.RankRatio;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.IntervalChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** How many times longer others take for the same work in the same run. */
final class PeerSection {
  private record Task(String subject, String precision, String shape) {
    String text() {
      return subject + ", " + precision + ", " + shape;
    }
  }

  private record Ratio(Task task, Measurement ours, Measurement peer, RankRatio ratio) {}

  private final List<Ratio> ratios = new ArrayList<>();

  PeerSection(List<Measurement> lines) {
    Map<Task, List<Measurement>> tasks = new LinkedHashMap<>();
    for (Measurement line : lines) {
      if (!line.id().isCeiling() && !line.unit().startsWith("%") && line.medianMs() > 0) {
        tasks
            .computeIfAbsent(
                new Task(line.id().subject(), line.id().precision(), line.id().shapeText()),
                any -> new ArrayList<>())
            .add(line);
      }
    }
    tasks.forEach(
        (task, of) ->
            of.stream()
                .filter(line -> isOurs(line.id()))
                .findFirst()
                .ifPresent(
                    ours ->
                        of.stream()
                            .filter(line -> !isOurs(line.id()))
                            .forEach(peer -> ratios.add(ratio(task, ours, peer)))));
  }

  /** Whether this program did it, in whatever form. */
  static boolean isOurs(BenchmarkCase id) {
    return id.variant().startsWith(BenchmarkCase.OURS);
  }

  private static Ratio ratio(Task task, Measurement ours, Measurement peer) {
    return new Ratio(task, ours, peer, RankRatio.of(rounds(ours), rounds(peer)));
  }

  /** Beneath the task: which form of Precordia was measured, where it has a name. */
  private static String form(Measurement ours) {
    String variant = ours.id().variant();
    return variant.equals(BenchmarkCase.OURS) ? "" : "\n" + variant;
  }

  private static double[] rounds(Measurement line) {
    double[] rounds = line.rounds();
    return rounds.length == 0 ? new double[] {line.medianMs()} : rounds;
  }

  void write(Markup out) {
    if (ratios.isEmpty()) {
      out.paragraph(
          "These files hold no other program's time for a case that Precordia measured too.");
      return;
    }
    out.paragraph(
        "Time of the other program over that of Precordia for the same work, precision and threads"
            + " in the same files: 2 means that it takes twice as long. The line stands at 1.");
    double highest = 1;
    for (Ratio ratio : ratios) {
      double high = ratio.ratio.bounded() ? ratio.ratio.high() : ratio.ratio.estimate();
      highest = Math.max(highest, high);
    }
    IntervalChart chart =
        IntervalChart.bars(
                "peer-chart",
                "Time of others over that of Precordia",
                Axis.fromZero("times Precordia's time", highest),
                1)
            .width(760);
    Task last = null;
    int number = 0;
    for (Ratio ratio : ratios) {
      if (!ratio.task.equals(last)) {
        last = ratio.task;
        number++;
        chart.group();
      }
      chart.item(
          "%s  %s".formatted(number, ratio.peer.id().variant()),
          1,
          ratio.ratio.estimate(),
          ratio.ratio.low(),
          ratio.ratio.high(),
          significant(ratio.ratio.estimate(), 3) + " ×");
    }
    out.add(
        ChartFigure.of(
            "peer-figure",
            "",
            List.of(),
            false,
            chart.render(
                "%s ratios in %s tasks; the table beneath lists them."
                    .formatted(ratios.size(), number)),
            "Numbers are those of the tasks in the table. Intervals are drawn where a case was"
                + " measured in rounds enough for one."));
    table(out);
  }

  private void table(Markup out) {
    HtmlTable table =
        new HtmlTable("peer-table", "Ratios to others")
            .figures("Task", "")
            .text("What")
            .text("Other")
            .figures("Precordia", "ms")
            .figures("Other", "ms")
            .figures("Ratio", "")
            .figures("95 % interval", "");
    Task last = null;
    int number = 0;
    for (Ratio ratio : ratios) {
      if (!ratio.task.equals(last)) {
        last = ratio.task;
        number++;
      }
      table.row(
          Figures.count(number),
          ratio.task.text() + form(ratio.ours),
          ratio.peer.id().variant(),
          significant(ratio.ours.medianMs(), 3),
          significant(ratio.peer.medianMs(), 3),
          significant(ratio.ratio.estimate(), 3),
          ratio.ratio.bounded()
              ? significant(ratio.ratio.low(), 3) + " to " + significant(ratio.ratio.high(), 3)
              : Figures.NONE);
    }
    table.note(
        "Median of all pairwise ratios of rounds, with the interval of the rank-sum test; without"
            + " interval where there are too few rounds.");
    out.add(table.markup());
  }
}
