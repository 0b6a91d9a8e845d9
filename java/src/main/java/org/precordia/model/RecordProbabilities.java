// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** A classifier's probabilities by record: the mean of its sigmoids over the record's windows. */
public final class RecordProbabilities {
  private final Map<Integer, double[]> sums = new LinkedHashMap<>();
  private final Map<Integer, Integer> windows = new LinkedHashMap<>();

  /** Adds the windows of a batch of a network that has a classifier. */
  public void add(WindowRunner.Batch batch) {
    float[] logits = batch.logits();
    int labels = logits.length / batch.count();
    for (int i = 0; i < batch.count(); i++) {
      int record = batch.windows().get(i).record();
      double[] sum = sums.computeIfAbsent(record, index -> new double[labels]);
      windows.merge(record, 1, Integer::sum);
      for (int label = 0; label < labels; label++) {
        sum[label] += 1 / (1 + Math.exp(-logits[i * labels + label]));
      }
    }
  }

  /** {@code [label]} by record, in the order in which records came. */
  public Map<Integer, double[]> means() {
    Map<Integer, double[]> means = new LinkedHashMap<>();
    sums.forEach(
        (record, sum) -> {
          double[] mean = new double[sum.length];
          for (int label = 0; label < mean.length; label++) {
            mean[label] = sum[label] / windows.get(record);
          }
          means.put(record, mean);
        });
    return means;
  }
}
