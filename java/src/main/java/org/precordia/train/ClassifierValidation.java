// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.HashMap;
import java.util.List;
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

  private final WindowSource source;
  private final List<WindowRef> windows;
  private final LabelMasks labels;
  private final TrainingRanks ranks;
  private final Map<Weights, WindowRunner> runners = new HashMap<>();

  ClassifierValidation(WindowSource source, TrainingData data, TrainingRanks ranks) {
    this.ranks = ranks;
    this.source = source;
    this.windows = WindowRef.list(data.inner());
    this.labels = data.labels();
  }

  @Override
  public Score score(Weights weights) {
    RecordProbabilities records = new RecordProbabilities();
    runners
        .computeIfAbsent(
            weights,
            w ->
                new WindowRunner(
                    source,
                    w,
                    Math.min(ReconstructionValidation.BATCH, windows.size()),
                    WindowRunner.Mode.EMBEDDING,
                    ranks.communicator()))
        .run(windows, records::add);
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
    runners.values().forEach(WindowRunner::close);
  }
}
