// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.Map;
import org.precordia.model.RecordProbabilities;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;

/**
 * Cross-entropy of a classifier on records that were held out: probability of a record as the mean
 * over its windows; mean over labels and records.
 */
final class ClassifierValidation implements InnerValidation {
  /** Name of the score. */
  static final String SCORE = "cross_entropy";

  /** A probability of nothing would cost infinitely much. */
  private static final double LEAST = 1e-7;

  private final SharedWindows windows;
  private final int width;
  private final LabelMasks labels;

  ClassifierValidation(WindowSource source, TrainingData data, TrainingRanks ranks) {
    windows =
        new SharedWindows(ranks, source, WindowRef.list(data.inner()), WindowRunner.Mode.EMBEDDING);
    width = source.config().labels().size();
    labels = data.labels();
  }

  @Override
  public Score score(Weights weights) {
    RecordProbabilities records = new RecordProbabilities();
    windows.run(
        weights,
        width,
        batch -> SharedWindows.doubles(batch.logits()),
        (window, logits) -> records.add(windows.windows().get(window).record(), logits));
    double sum = 0;
    int count = 0;
    for (Map.Entry<Integer, double[]> record : records.means().entrySet()) {
      for (int bit = 0; bit < record.getValue().length; bit++) {
        double p = Math.clamp(record.getValue()[bit], LEAST, 1 - LEAST);
        sum -= Math.log(labels.has(record.getKey(), bit) ? p : 1 - p);
        count++;
      }
    }
    return new Score(SCORE, sum / count, false);
  }

  @Override
  public void close() {
    windows.close();
  }
}
