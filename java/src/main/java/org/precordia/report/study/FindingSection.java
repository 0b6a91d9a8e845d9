// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.precordia.eval.Interval;
import org.precordia.eval.SeedMeans;
import org.precordia.report.html.Figures;
import org.precordia.report.html.Markup;
import org.precordia.study.ControlResult;
import org.precordia.study.RowSummary;
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
      List<ControlResult> own =
          result.controls().stream().filter(control -> control.row() == row).toList();
      if (!own.isEmpty()) {
        out.paragraph(verdict(row, own));
      }
    }
    if (result.controls().isEmpty()) {
      out.paragraph(
          "This study holds no row together with one of its controls, so it says nothing about what"
              + " the labels contribute.");
    }
    rank(StudyRow.MODEL).ifPresent(out::paragraph);
    out.paragraph(
        "A change is of the root mean square error of a window, mean over leads and windows, of a"
            + " row's mean over its seeds. Its interval is over patients (2 000 bootstrap"
            + " resamples), the same resamples for both rows. It does not hold what another choice"
            + " of seeds would change; the table's standard deviations tell of that.",
        "class",
        "note");
  }

  /** Whether a row beats all of its controls, in a sentence that names each. */
  static String verdict(StudyRow row, List<ControlResult> controls) {
    List<String> beaten = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (ControlResult control : controls) {
      String text = control.control().id() + " (" + change(control.difference()) + ")";
      (control.difference().beats() ? beaten : others).add(text);
    }
    long missing = row.controls().size() - controls.size();
    String start = "Row %s, %s, ".formatted(row.id(), row.what());
    if (others.isEmpty()) {
      return start
          + "errs less than "
          + (missing == 0 ? "all of its controls: " : "those of its controls that are here: ")
          + String.join(", ", beaten)
          + ". "
          + (missing == 0
              ? "On these data what the labels taught h helps the reconstruction."
              : "%d of its controls are missing, so no claim rests on that.".formatted(missing));
    }
    return start
        + "does not err less than "
        + String.join(", ", others)
        + (beaten.isEmpty() ? "" : "; it does err less than " + String.join(", ", beaten))
        + ". These data give no evidence that what the labels taught h helps the reconstruction.";
  }

  private static String change(SeedMeans.Difference difference) {
    Interval interval = difference.interval();
    String percent = Figures.signed(difference.percent(), 2) + " %";
    return interval == null
        ? percent + ", fewer than 30 patients"
        : "%s, 95 %% interval %s to %s"
            .formatted(
                percent, Figures.signed(interval.low(), 2), Figures.signed(interval.high(), 2));
  }

  /** Where a row stands among all. */
  private Optional<String> rank(StudyRow row) {
    Optional<RowSummary> own =
        result.rows().stream().filter(r -> r.name().equals(row.id())).findFirst();
    return own.map(
        r -> {
          List<String> better =
              result.rows().stream()
                  .filter(other -> other.rmse() < r.rmse())
                  .map(RowSummary::name)
                  .toList();
          return "The error of row %s is %s mV; ".formatted(r.name(), Figures.number(r.rmse(), 4))
              + (better.isEmpty()
                  ? "no row's is smaller."
                  : "smaller ones have " + String.join(", ", better) + ".");
        });
  }
}
