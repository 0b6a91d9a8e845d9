// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;
import java.util.Map;
import org.precordia.eval.Evaluation;

/**
 * What a study found on one fold.
 *
 * @param evaluations one a seed, all of the same windows
 * @param rows the table
 * @param controls rows against their controls
 * @param curve the learning curve; empty where none was asked for
 * @param looks evaluations of this fold that the folder has seen, this one included
 * @param provenance date, commit, configuration and the like, as text by name
 */
public record StudyResult(
    List<Evaluation> evaluations,
    List<RowSummary> rows,
    List<ControlResult> controls,
    List<CurvePoint> curve,
    int looks,
    Map<String, String> provenance) {
  public StudyResult {
    evaluations = List.copyOf(evaluations);
    rows = List.copyOf(rows);
    controls = List.copyOf(controls);
    curve = List.copyOf(curve);
    provenance = Map.copyOf(provenance);
  }

  /** The first seed's evaluation, for what all of them share. */
  public Evaluation evaluation() {
    return evaluations.getFirst();
  }
}
