// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.html.Figures.number;
import static org.precordia.report.html.Figures.range;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.precordia.data.Lead;
import org.precordia.eval.Agreement;
import org.precordia.eval.ClinicalResult;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.GroupKind;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.RowResult;
import org.precordia.eval.clinical.Measure;
import org.precordia.report.html.Figures;
import org.precordia.report.html.Markup;

/** What a cardiologist should take away, and what not. */
final class SummarySection {
  private final EvaluationReport report;
  private final Evaluation e;
  private final RowResult model;
  private final Optional<RowResult> ridge;

  SummarySection(EvaluationReport report) {
    this.report = report;
    this.e = report.evaluation();
    this.model = EvaluationReport.model(e.rows());
    this.ridge = EvaluationReport.row(e.rows(), EvaluationRow.RIDGE);
  }

  void write(Markup out) {
    double rmse = value(model, Metric.RMSE_WINDOW);
    out.paragraph(
        "From leads %s, the network reconstructed leads %s of %s (%s of %s s). %s"
            .formatted(
                EvaluationReport.list(e.inputs()),
                EvaluationReport.list(e.targets()),
                Figures.count(e.patients(), "patient", "patients"),
                Figures.count(e.windows(), "stretch", "stretches"),
                number(e.window() / e.rate(), 2),
                novelty()));
    out.paragraph(
        "Its typical error is %s mV, or %s mm on paper at 10 mm/mV: the root mean square over a"
                .formatted(number(rmse, 3), number(10 * rmse, 1))
            + " stretch and lead, averaged.%s%s".formatted(againstRidge(), againstNoH()));
    facts(out);
    out.open("div", "class", "limits").element("h3", "What this does not show");
    out.open("ul");
    for (String limit : limits()) {
      out.open("li").text(limit).close();
    }
    out.close().close();
  }

  private String novelty() {
    if (report.trainedOn()) {
      return "Some of these patients were used for training: these figures do not tell how the"
          + " network does on others.";
    }
    if (report.foreign()) {
      return "They come from other data than the network was trained on.";
    }
    return "None of them was used for training.";
  }

  private String againstRidge() {
    RowResult.Comparison c = model.againstRidge();
    if (c == null) {
      return "";
    }
    double base = value(ridge.orElseThrow(), Metric.RMSE_WINDOW);
    return " Linear regression on the same leads (ridge), the simplest method that makes sense,"
        + " errs by"
        + " %s mV: the network's error is %s.".formatted(number(base, 3), change(c));
  }

  private String againstNoH() {
    RowResult.Comparison c = model.againstNoH();
    if (c == null) {
      return " A control without pathology branch was not trained, so nothing is said about what"
          + " that branch contributes.";
    }
    String start =
        " Compared with the same network without its pathology branch (no-h), the error is ";
    return start
        + change(c)
        + "."
        + (decided(c) ? "" : " That is no evidence that the branch helps.");
  }

  /** {@code 13.8 % smaller (95 % interval 11.0 to 16.2 % smaller)}. */
  private static String change(RowResult.Comparison c) {
    String text = percent(c.rmsePercent());
    Interval interval = c.rmseInterval();
    return interval == null
        ? text + " (no interval: fewer than 30 patients)"
        : "%s (95 %% interval %s to %s %%)"
            .formatted(text, Figures.signed(interval.low(), 1), Figures.signed(interval.high(), 1));
  }

  private static String percent(double change) {
    return "%s %% %s".formatted(number(Math.abs(change), 1), change < 0 ? "smaller" : "larger");
  }

  private static boolean decided(RowResult.Comparison c) {
    return c.rmseInterval() != null && c.rmseInterval().high() < 0;
  }

  private void facts(Markup out) {
    out.open("dl", "class", "facts");
    fact(
        out,
        "Error (RMSE of a window)",
        number(value(model, Metric.RMSE_WINDOW), 3) + " mV",
        interval(Metric.RMSE_WINDOW, 3));
    fact(
        out,
        "Correlation (Pearson)",
        number(value(model, Metric.PEARSON), 3),
        interval(Metric.PEARSON, 3));
    RowResult.Comparison c = model.againstRidge();
    if (c != null) {
      fact(
          out,
          "Error against ridge",
          Figures.signed(c.rmsePercent(), 1) + " %",
          interval(c.rmseInterval()));
    }
    RowResult.Comparison n = model.againstNoH();
    if (n != null) {
      fact(
          out,
          "Error against no-h",
          Figures.signed(n.rmsePercent(), 1) + " %",
          interval(n.rmseInterval()));
    }
    out.close();
  }

  private static void fact(Markup out, String name, String value, String more) {
    out.open("div").element("dt", name).element("dd", value);
    out.element("dd", more, "class", "more").close();
  }

  private String interval(Metric metric, int decimals) {
    Interval interval = model.mean().intervals().get(metric);
    return interval == null
        ? "no interval: fewer than 30 patients"
        : "95 % interval " + range(interval.low(), interval.high(), decimals);
  }

  private static String interval(Interval interval) {
    return interval == null
        ? "no interval: fewer than 30 patients"
        : "95 %% interval %s to %s %%"
            .formatted(Figures.signed(interval.low(), 1), Figures.signed(interval.high(), 1));
  }

  private List<String> limits() {
    List<String> limits = new ArrayList<>();
    limits.add(
        "It is no diagnosis. A reconstructed lead is what such leads usually look like beside those"
            + " that were recorded; what shows in the missing lead alone cannot be in it.");
    limits.add(st());
    e.clinical().model().measures().get(Measure.R_AMPLITUDE).agreements().entrySet().stream()
        .filter(a -> a.getValue().patients() > 2 && a.getValue().slope() < 0)
        .min(Comparator.comparingDouble(a -> a.getValue().slope()))
        .ifPresent(a -> limits.add(shrinkage(a.getKey(), a.getValue())));
    List<String> few =
        e.groups(GroupKind.SUPERCLASS).stream()
            .filter(g -> !g.claimable())
            .map(g -> "%s (%s)".formatted(g.name(), g.patients()))
            .toList();
    if (!few.isEmpty()) {
      limits.add(
          "For these diagnoses there are fewer than 30 patients and nothing is claimed: "
              + String.join(", ", few)
              + ".");
    }
    limits.add(
        "An average over patients says little about one patient: the worst record is drawn below.");
    if (e.fold().equals("9")) {
      limits.add(
          "Fold 9 serves to compare and choose, so its figures lean to the good side; fold 10 is"
              + " for the final one.");
    }
    limits.add(
        "This is one training run, with seed %s; another seed gives other figures."
            .formatted(report.run().seed()));
    return limits;
  }

  private String st() {
    ClinicalResult.Figures st = e.clinical().model().measures().get(Measure.ST60).mean();
    return "ST segments must not be measured on reconstructed leads: a deviation of 0.1 mV counts"
        + " clinically, and "
        + (Double.isNaN(st.large().value())
            ? "the typical error of a sample is %s mV."
                .formatted(number(value(model, Metric.RMSE_WINDOW), 2))
            : "60 ms after J %s %% of beats and leads err by more."
                .formatted(number(100 * st.large().value(), 0)));
  }

  private static String shrinkage(Lead lead, Agreement a) {
    return "Large deflections come out too small. In %s, where it is worst, the amplitude at the R peak is"
            .formatted(lead.label())
        + " drawn to the mean by %s %% of its distance from it: voltage criteria do not hold on"
            .formatted(number(-100 * a.slope(), 0))
        + " reconstructed leads.";
  }

  private static double value(RowResult row, Metric metric) {
    return row.mean().values().get(metric);
  }
}
