// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.precordia.data.Lead;
import org.precordia.eval.clinical.Measure;
import org.precordia.eval.clinical.TrueBeats;

/**
 * The clinical measures of all rows of an evaluation (docs/evaluation.md).
 *
 * @param beats what became of the records' beats, the same in every row
 * @param rows the rows in order
 */
public record ClinicalResult(TrueBeats.Counts beats, List<Row> rows) {
  public ClinicalResult {
    rows = List.copyOf(rows);
  }

  /**
   * One row.
   *
   * @param name name of the row
   * @param measures a table for each measure
   */
  public record Row(String name, Map<Measure, Table> measures) {}

  /**
   * A measure in one row.
   *
   * @param mean figures, mean over the target leads
   * @param regions figures, mean over neighbouring leads, by the names of these
   * @param leads figures of each lead
   * @param pairs the patients' values in each lead
   * @param lost beats and leads that have the measure in the recorded lead alone
   */
  public record Table(
      Figures mean,
      Map<String, Figures> regions,
      Map<Lead, Figures> leads,
      Map<Lead, PatientPairs> pairs,
      int lost) {
    /** Agreement in each lead. */
    public Map<Lead, Agreement> agreements() {
      Map<Lead, Agreement> agreements = new LinkedHashMap<>();
      pairs.forEach((lead, values) -> agreements.put(lead, Agreement.of(values)));
      return agreements;
    }
  }

  /**
   * Figures of a measure in a lead or over leads.
   *
   * @param patients number of patients that have it
   * @param error mean modulus of the error of a beat
   * @param large share of beats with an error above 0.1 mV; NaN but for ST
   */
  public record Figures(int patients, Figure error, Figure large) {}

  /**
   * A mean over patients.
   *
   * @param value the mean; NaN when no patient has it
   * @param interval its 95 % interval; null with fewer than 30 patients
   * @param againstRidge mean of its difference to the ridge row over patients that have both; NaN
   *     in that row itself and where there is none
   * @param againstInterval the difference's interval, or null
   */
  public record Figure(
      double value, Interval interval, double againstRidge, Interval againstInterval) {}

  /**
   * The row of this name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public Row row(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("there are no measures of row " + name));
  }

  /** The model's row, or the last one where none has that name. */
  public Row model() {
    return find(EvaluationRow.MODEL).orElse(rows.getLast());
  }

  private Optional<Row> find(String name) {
    return rows.stream().filter(row -> row.name().equals(name)).findFirst();
  }
}
