// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.precordia.eval.EvaluationRow;
import org.precordia.report.chart.Axis;
import org.precordia.report.chart.BoxChart;
import org.precordia.report.chart.ChartFigure;
import org.precordia.report.chart.XyChart;
import org.precordia.report.html.Figures;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;
import org.precordia.train.RunHistory;

/** How training went: loss, validation, pace. */
final class TrainingSection {
  /** Points of a curve; between them medians are taken. */
  private static final int POINTS = 120;

  private record Run(String name, RunHistory history) {
    int series() {
      return RowTables.series(name);
    }
  }

  private record Curve(double[] xs, double[] ys) {}

  private final List<Run> runs = new ArrayList<>();

  TrainingSection(RunHistory run, Optional<RunHistory> control) {
    runs.add(new Run(EvaluationRow.MODEL, run));
    control.ifPresent(history -> runs.add(new Run(EvaluationRow.NO_H, history)));
  }

  void write(Markup out) {
    if (runs.getFirst().history.steps().isEmpty()) {
      out.paragraph("The run's folder holds no steps.");
      return;
    }
    out.open("div", "class", "pair");
    out.add(loss());
    out.add(validation());
    out.close();
    pace(out);
  }

  private Markup loss() {
    List<Curve> curves = runs.stream().map(r -> curve(r, RunHistory.Step::reconstruction)).toList();
    double[] all =
        curves.stream().flatMapToDouble(c -> Arrays.stream(c.ys)).filter(y -> y > 0).toArray();
    if (all.length == 0) {
      return new Markup().paragraph("No loss of reconstruction was recorded.");
    }
    XyChart chart =
        new XyChart(
                "loss-chart",
                "Training loss by step",
                Axis.fromZero("step", last()),
                Axis.log(
                    "reconstruction loss",
                    Arrays.stream(all).min().getAsDouble(),
                    Arrays.stream(all).max().getAsDouble()))
            .size(480, 320);
    for (int i = 0; i < runs.size(); i++) {
      chart.line(runs.get(i).series(), runs.get(i).name, curves.get(i).xs, curves.get(i).ys);
    }
    return ChartFigure.of(
        "loss",
        "Loss in training",
        List.of(),
        true,
        chart.render(ends("loss", curves)),
        "Of augmented windows, in mV, as the recipe weighs mean square and mean absolute error;"
            + " medians over neighbouring steps.");
  }

  private Markup validation() {
    String score =
        runs.getFirst().history.validations().stream()
            .map(RunHistory.Validation::score)
            .reduce((a, b) -> b)
            .orElse("");
    List<Curve> curves = new ArrayList<>();
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Run run : runs) {
      List<RunHistory.Validation> of =
          run.history.validations().stream().filter(v -> v.score().equals(score)).toList();
      double[] ys = of.stream().mapToDouble(RunHistory.Validation::value).toArray();
      curves.add(new Curve(of.stream().mapToDouble(RunHistory.Validation::step).toArray(), ys));
      low = Math.min(low, Arrays.stream(ys).min().orElse(low));
      high = Math.max(high, Arrays.stream(ys).max().orElse(high));
    }
    if (!(high >= low)) {
      return new Markup().paragraph("No validation was made.");
    }
    boolean error = score.equals("rmse_window");
    XyChart chart =
        new XyChart(
                "validation-chart",
                "Validation by step",
                Axis.fromZero("step", last()),
                Axis.linear(error ? "RMSE of a window, mV" : score, low, high))
            .size(480, 320);
    for (int i = 0; i < runs.size(); i++) {
      Curve curve = curves.get(i);
      chart.line(runs.get(i).series(), runs.get(i).name, curve.xs, curve.ys);
      chart.points(runs.get(i).series(), curve.xs, curve.ys, null, null);
    }
    return ChartFigure.of(
        "validation",
        "Validation, after each epoch",
        List.of(),
        true,
        chart.render(ends("score", curves)),
        "On patients of the training folds that were held out. The best epoch's moving average is"
            + " the model.");
  }

  private void pace(Markup out) {
    HtmlTable table =
        new HtmlTable("pace-table", "Pace of training")
            .text("Run")
            .figures("Steps", "")
            .figures("Epochs", "")
            .figures("Median", "windows/s")
            .figures("Quartiles", "windows/s")
            .figures("Slowest 5 %", "windows/s, below");
    for (Run run : runs) {
      double[] pace =
          run.history.steps().stream()
              .mapToDouble(RunHistory.Step::windowsPerSecond)
              .filter(Double::isFinite)
              .sorted()
              .toArray();
      table.row(
          run.name,
          Figures.count(run.history.steps().size()),
          Figures.count(
              run.history.steps().stream().mapToInt(RunHistory.Step::epoch).max().orElse(-1) + 1),
          number(BoxChart.quantile(pace, 0.5), 0),
          Figures.range(BoxChart.quantile(pace, 0.25), BoxChart.quantile(pace, 0.75), 0),
          number(BoxChart.quantile(pace, 0.05), 0));
    }
    table.note(
        "As the run noted it at each step, on the machine that trained; what else ran there"
            + " meanwhile is not known.");
    out.add(table.markup());
  }

  private double last() {
    return runs.stream().mapToLong(r -> r.history.steps().getLast().step()).max().orElse(1);
  }

  /** Medians over stretches of equal numbers of steps. */
  private static Curve curve(Run run, ToDoubleFunction<RunHistory.Step> figure) {
    List<RunHistory.Step> steps = run.history.steps();
    int points = Math.min(POINTS, steps.size());
    double[] xs = new double[points];
    double[] ys = new double[points];
    for (int i = 0; i < points; i++) {
      List<RunHistory.Step> stretch =
          steps.subList(
              (int) ((long) steps.size() * i / points),
              (int) ((long) steps.size() * (i + 1) / points));
      xs[i] = stretch.get(stretch.size() / 2).step();
      double[] sorted =
          stretch.stream().mapToDouble(figure).filter(Double::isFinite).sorted().toArray();
      ys[i] = BoxChart.quantile(sorted, 0.5);
    }
    return new Curve(xs, ys);
  }

  private String ends(String what, List<Curve> curves) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      double[] ys = curves.get(i).ys;
      if (ys.length > 0) {
        parts.add(
            "%s: %s from %s to %s"
                .formatted(
                    runs.get(i).name,
                    what,
                    Figures.significant(ys[0], 3),
                    Figures.significant(ys[ys.length - 1], 3)));
      }
    }
    return String.join("; ", parts) + ".";
  }
}
