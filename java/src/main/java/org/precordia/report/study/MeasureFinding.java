// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import static org.precordia.report.html.Figures.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.precordia.study.MeasureTable;
import org.precordia.study.StudyRow;

/** What the smaller tables of a study say, in a sentence each; no test stands behind them. */
final class MeasureFinding {
  private static final List<StudyRow> COMPARED =
      List.of(
          StudyRow.RIDGE,
          StudyRow.RIDGE_LAGS,
          StudyRow.UNET,
          StudyRow.NO_H,
          StudyRow.TWO_STAGE,
          StudyRow.MODEL);

  private MeasureFinding() {}

  /** The sentence of a table; nothing where it lacks the rows. */
  static Optional<String> of(MeasureTable table) {
    return switch (table.id()) {
      case MeasureTable.CLINICAL_ID ->
          list(table, 1, 2)
              .map(
                  text ->
                      "Amplitudes are drawn to their mean: the difference of reconstructed and"
                          + " recorded R falls with the recorded one, with a slope (0: kept, −1:"
                          + " every patient alike) of "
                          + text
                          + ".");
      case MeasureTable.DIAGNOSIS_ID ->
          list(table, 3, 0)
              .map(
                  text ->
                      "Of the macro F1 that a classifier has on recorded leads, completed leads"
                          + " keep, in percent: "
                          + text
                          + ". No test was made of these differences.");
      default -> embedding(table);
    };
  }

  private static Optional<String> list(MeasureTable table, int column, int decimals) {
    List<String> parts = new ArrayList<>();
    for (StudyRow row : COMPARED) {
      value(table, row.id(), column)
          .ifPresent(value -> parts.add(row.id() + " " + number(value, decimals)));
    }
    return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", parts));
  }

  private static Optional<String> embedding(MeasureTable table) {
    Optional<Double> h =
        Stream.of(StudyRow.TWO_STAGE, StudyRow.MODEL)
            .map(row -> value(table, row.id(), 0))
            .flatMap(Optional::stream)
            .findFirst();
    Optional<Double> amplitude = value(table, MeasureTable.LOG_RMS, 0);
    Optional<Double> chance = value(table, MeasureTable.CHANCE, 0);
    if (h.isEmpty() || amplitude.isEmpty() || chance.isEmpty()) {
      return Optional.empty();
    }
    String row =
        value(table, StudyRow.TWO_STAGE.id(), 0).isPresent()
            ? StudyRow.TWO_STAGE.id()
            : StudyRow.MODEL.id();
    return Optional.of(
        "From the five nearest records by the h of %s a record's superclass is told with a balanced accuracy of %s; amplitude alone reaches %s, chance %s."
            .formatted(
                row, number(h.get(), 2), number(amplitude.get(), 2), number(chance.get(), 2)));
  }

  private static Optional<Double> value(MeasureTable table, String name, int column) {
    return Stream.concat(table.references().stream(), table.lines().stream())
        .filter(line -> line.name().equals(name))
        .map(line -> line.figures().get(column).mean())
        .filter(value -> !Double.isNaN(value))
        .findFirst();
  }
}
