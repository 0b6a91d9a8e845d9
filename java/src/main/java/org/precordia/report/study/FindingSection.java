// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import static org.precordia.report.html.Figures.number;
import static org.precordia.report.html.Figures.signed;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.report.html.Figures;
import org.precordia.report.html.Markup;
import org.precordia.study.MeasureTable;
import org.precordia.study.RowSummary;
import org.precordia.study.StudyComparison;
import org.precordia.study.StudyResult;
import org.precordia.study.StudyRow;

/** The answer, made from the figures, whatever it is. */
final class FindingSection {
  private final StudyResult result;

  FindingSection(StudyResult result) {
    this.result = result;
  }

  void write(Markup out) {
    for (StudyRow row : StudyRow.values()) {
      List<StudyComparison> own = of(row, result.controls());
      if (!own.isEmpty()) {
        out.paragraph(verdict(row, own));
      }
    }
    if (result.controls().isEmpty()) {
      out.paragraph(
          "This study holds no row together with one of its controls, so it says nothing about what"
              + " the labels contribute.");
    }
    amplitude().ifPresent(out::paragraph);
    for (StudyRow row : List.of(StudyRow.MODEL, StudyRow.ENSEMBLE)) {
      List<StudyComparison> own = of(row, result.rivals());
      if (!own.isEmpty()) {
        out.paragraph(sentence(row, own));
      }
    }
    rank(StudyRow.MODEL).ifPresent(out::paragraph);
    for (MeasureTable table : MeasureTable.of(result)) {
      MeasureFinding.of(table).ifPresent(out::paragraph);
    }
    out.paragraph(
        "A change is of the root mean square error of a window, mean over leads and windows, of a"
            + " row's mean over its seeds. Its interval is over patients (2 000 bootstrap"
            + " resamples), the same resamples for both rows; p is that of Wilcoxon's test of the"
            + " patients' means, corrected over all comparisons. Both must speak for a difference"
            + " before it is called one. Neither holds what another choice of seeds would change;"
            + " the table's standard deviations tell of that.",
        "class",
        "note");
  }

  private static List<StudyComparison> of(StudyRow row, List<StudyComparison> comparisons) {
    return comparisons.stream().filter(comparison -> comparison.row() == row).toList();
  }

  /** Whether a row beats all of its controls, in sentences that name each. */
  static String verdict(StudyRow row, List<StudyComparison> controls) {
    boolean all = controls.stream().allMatch(StudyComparison::beats);
    int missing = row.controls().size() - controls.size();
    String claim;
    if (!all) {
      claim = "These data give no evidence that what the labels taught h helps the reconstruction.";
    } else if (missing == 0) {
      claim =
          "These are all of its controls: on these data what the labels taught h helps the"
              + " reconstruction.";
    } else {
      claim =
          "Of its controls %d are missing, so no claim that labels help rests on that."
              .formatted(missing);
    }
    return sentence(row, controls) + " " + claim;
  }

  /** Which others a row errs less than, which more, and of which neither is shown. */
  static String sentence(StudyRow row, List<StudyComparison> comparisons) {
    List<String> less = new ArrayList<>();
    List<String> more = new ArrayList<>();
    List<String> neither = new ArrayList<>();
    for (StudyComparison comparison : comparisons) {
      String text = comparison.against().id() + " (" + change(comparison) + ")";
      (comparison.beats() ? less : comparison.loses() ? more : neither).add(text);
    }
    List<String> parts = new ArrayList<>();
    if (!less.isEmpty()) {
      parts.add("errs less than " + String.join(", ", less));
    }
    if (!more.isEmpty()) {
      parts.add("errs more than " + String.join(", ", more));
    }
    if (!neither.isEmpty()) {
      parts.add("is not shown to differ from " + String.join(", ", neither));
    }
    return "Row %s (%s) %s.".formatted(row.id(), row.what(), String.join("; it ", parts));
  }

  private static String change(StudyComparison comparison) {
    Interval interval = comparison.difference().interval();
    String percent = signed(comparison.difference().percent(), 2) + " %";
    if (interval == null) {
      return percent + ", fewer than 30 patients";
    }
    double p = comparison.test(Metric.RMSE_WINDOW).map(PairedTest::holm).orElse(Double.NaN);
    String probability = Figures.probability(p);
    return "%s, 95 %%: %s to %s, p %s"
        .formatted(
            percent,
            signed(interval.low(), 2),
            signed(interval.high(), 2),
            probability.startsWith("<") ? probability : "= " + probability);
  }

  /** How much of what h gains the amplitudes of the inputs gain alone. */
  private Optional<String> amplitude() {
    Optional<RowSummary> without = result.row(StudyRow.FROZEN_NO_H);
    Optional<RowSummary> alone = result.row(StudyRow.FROZEN_AMPLITUDE);
    Optional<RowSummary> h = result.row(StudyRow.TWO_STAGE);
    if (without.isEmpty() || alone.isEmpty() || h.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(amplitude(without.get().rmse(), alone.get().rmse(), h.get().rmse()));
  }

  /**
   * The same in words.
   *
   * @param without error without h, in mV
   * @param alone with amplitudes in its place
   * @param h with h
   */
  static String amplitude(double without, double alone, double h) {
    String errors =
        "By the same second stage the error is %s mV without h, %s mV with the inputs' log-RMS alone in its place and %s mV with h: "
            .formatted(number(without, 4), number(alone, 4), number(h, 4));
    if (h >= without) {
      return errors + "h gains nothing over a network without it.";
    }
    double share = 100 * (without - alone) / (without - h);
    return errors
        + (share <= 0
            ? "amplitude alone gains nothing of what h gains."
            : "amplitude alone gains %s %% of what h gains.".formatted(number(share, 0)));
  }

  /** Where a row stands among all. */
  private Optional<String> rank(StudyRow row) {
    return result
        .row(row)
        .map(
            r -> {
              List<String> better =
                  result.rows().stream()
                      .filter(other -> other.rmse() < r.rmse())
                      .map(RowSummary::name)
                      .toList();
              return "The error of row %s is %s mV; ".formatted(r.name(), number(r.rmse(), 4))
                  + (better.isEmpty()
                      ? "no row's is smaller."
                      : "smaller ones have " + String.join(", ", better) + ".");
            });
  }
}
