// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.precordia.eval.Evaluation;

/**
 * What a study found on one fold.
 *
 * @param evaluations one a seed, all of the same windows
 * @param rows the table
 * @param comparisons rows against their controls and rivals
 * @param curve the learning curve; empty where none was asked for
 * @param looks evaluations of this fold that the folder has seen, this one included
 * @param provenance date, commit, configuration and the like, as text by name
 */
public record StudyResult(
    List<Evaluation> evaluations,
    List<RowSummary> rows,
    List<StudyComparison> comparisons,
    List<CurvePoint> curve,
    int looks,
    Map<String, String> provenance) {
  public StudyResult {
    evaluations = List.copyOf(evaluations);
    rows = List.copyOf(rows);
    comparisons = List.copyOf(comparisons);
    curve = List.copyOf(curve);
    provenance = Map.copyOf(provenance);
  }

  /** Rows against those that tell whether labels helped their h. */
  public List<StudyComparison> controls() {
    return comparisons.stream().filter(c -> c.row().controls().contains(c.against())).toList();
  }

  /** Rows against others that have no h. */
  public List<StudyComparison> rivals() {
    return comparisons.stream().filter(c -> c.row().rivals().contains(c.against())).toList();
  }

  /** A row of the table, where it is there. */
  public Optional<RowSummary> row(StudyRow row) {
    return rows.stream().filter(summary -> summary.name().equals(row.id())).findFirst();
  }

  /** The first seed's evaluation, for what all of them share. */
  public Evaluation evaluation() {
    return evaluations.getFirst();
  }
}
