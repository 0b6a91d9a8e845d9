// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;
import org.precordia.model.Precision;
import org.precordia.train.TrainingOptions;

/**
 * What a study trains and compares.
 *
 * @param rows rows of the table
 * @param seeds each trained row is trained with seeds 1 to this
 * @param curve percentages of the training patients that the model is trained on besides; empty: no
 *     learning curve
 * @param recipes how rows are trained
 * @param width channels of the networks
 * @param precision storage of activations
 * @param maxSteps most steps of a stage; 0: no limit
 */
public record StudyOptions(
    List<StudyRow> rows,
    int seeds,
    List<Integer> curve,
    StudyRecipes recipes,
    int width,
    Precision precision,
    int maxSteps) {
  public StudyOptions {
    rows = rows.stream().distinct().sorted().toList();
    curve = curve.stream().distinct().sorted().toList();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("a study has at least one row");
    }
    if (seeds < 1) {
      throw new IllegalArgumentException("seeds must be positive, were " + seeds);
    }
    for (int percent : curve) {
      if (percent < 1 || percent > 100) {
        throw new IllegalArgumentException(
            "a learning curve has percentages from 1 to 100, not " + percent);
      }
    }
    if (!curve.isEmpty() && !rows.contains(StudyRow.MODEL)) {
      throw new IllegalArgumentException("a learning curve is the row model's: ask for it too");
    }
  }

  /** What all rows have in common. */
  TrainingOptions.Builder training() {
    return TrainingOptions.builder().width(width).precision(precision).maxSteps(maxSteps);
  }
}
