// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.precordia.data.Windows;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;

/**
 * Balanced accuracy of five nearest neighbours: record-level h (mean over windows), cosine,
 * held-out records against those that are learned from, records of exactly one superclass; of very
 * many, every k-th.
 */
final class NeighbourValidation implements InnerValidation {
  private static final int NEIGHBOURS = 5;
  private static final int WINDOWS_PER_RECORD = 3;

  /**
   * Windows whose records are compared at most: some 20,000 of 10 s, and 5,000 of those held out.
   */
  private static final int MOST_LEARNING = 1 << 18;

  private static final int MOST_INNER = 1 << 16;

  private final WindowSource source;
  private final TrainingData data;
  private final List<WindowRef> windows = new ArrayList<>();
  private final int gallerySize;
  private final List<Integer> classes = new ArrayList<>();
  private final int[] slots;
  private final Map<Weights, WindowRunner> runners = new HashMap<>();

  NeighbourValidation(WindowSource source, TrainingData data) {
    this.source = source;
    this.data = data;
    List<Integer> slotOfWindow = new ArrayList<>();
    collect(data.learning().thinned(MOST_LEARNING), slotOfWindow);
    gallerySize = classes.size();
    collect(data.inner().thinned(MOST_INNER), slotOfWindow);
    slots = slotOfWindow.stream().mapToInt(x -> x).toArray();
  }

  private void collect(Windows.Selection selection, List<Integer> slotOfWindow) {
    Map<Integer, List<Integer>> starts = new TreeMap<>();
    for (int i = 0; i < selection.size(); i++) {
      starts
          .computeIfAbsent(selection.records()[i], r -> new ArrayList<>())
          .add(selection.starts()[i]);
    }
    starts.forEach(
        (record, list) -> {
          int mask = data.superclasses(record);
          if (Integer.bitCount(mask) != 1) {
            return;
          }
          int count = Math.min(WINDOWS_PER_RECORD, list.size());
          for (int i = 0; i < count; i++) {
            int pick = count == 1 ? list.size() / 2 : i * (list.size() - 1) / (count - 1);
            windows.add(new WindowRef(record, list.get(pick)));
            slotOfWindow.add(classes.size());
          }
          classes.add(Integer.numberOfTrailingZeros(mask));
        });
  }

  @Override
  public Score score(Weights weights) {
    int queries = classes.size() - gallerySize;
    if (gallerySize < NEIGHBOURS || queries == 0) {
      return new Score("knn5_balanced_accuracy", Double.NaN, true);
    }
    int width = source.config().width();
    float[][] h = new float[classes.size()][width];
    runners
        .computeIfAbsent(
            weights,
            w ->
                new WindowRunner(
                    source,
                    w,
                    Math.min(ReconstructionValidation.BATCH, windows.size()),
                    WindowRunner.Mode.EMBEDDING))
        .run(
            windows,
            batch -> {
              float[] values = batch.h();
              for (int i = 0; i < values.length; i++) {
                h[slots[batch.first() + i / width]][i % width] += values[i];
              }
            });
    for (float[] row : h) {
      normalise(row);
    }
    Map<Integer, int[]> hits = new TreeMap<>();
    for (int q = gallerySize; q < h.length; q++) {
      int[] count = hits.computeIfAbsent(classes.get(q), c -> new int[2]);
      count[0] += vote(h, q) == classes.get(q) ? 1 : 0;
      count[1]++;
    }
    double accuracy =
        hits.values().stream().mapToDouble(c -> c[0] / (double) c[1]).average().orElse(Double.NaN);
    return new Score("knn5_balanced_accuracy", accuracy, true);
  }

  /** The class most common among the nearest, of equals the one with the larger similarity. */
  private int vote(float[][] h, int query) {
    int[] nearest = new int[NEIGHBOURS];
    double[] similarity = new double[NEIGHBOURS];
    Arrays.fill(similarity, Double.NEGATIVE_INFINITY);
    for (int g = 0; g < gallerySize; g++) {
      double dot = 0;
      for (int c = 0; c < h[g].length; c++) {
        dot += h[g][c] * h[query][c];
      }
      int place = NEIGHBOURS;
      while (place > 0 && dot > similarity[place - 1]) {
        place--;
      }
      if (place < NEIGHBOURS) {
        for (int i = NEIGHBOURS - 1; i > place; i--) {
          similarity[i] = similarity[i - 1];
          nearest[i] = nearest[i - 1];
        }
        similarity[place] = dot;
        nearest[place] = g;
      }
    }
    // A vote weighs 1 plus a share below 1/5 of its similarity, which decides among equals only.
    Map<Integer, Double> votes = new TreeMap<>();
    for (int i = 0; i < NEIGHBOURS; i++) {
      votes.merge(
          classes.get(nearest[i]), 1 + (similarity[i] + 1) / (4.0 * NEIGHBOURS), Double::sum);
    }
    return votes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
  }

  private static void normalise(float[] row) {
    double squares = 0;
    for (float value : row) {
      squares += value * value;
    }
    float scale = (float) (1 / Math.max(Math.sqrt(squares), 1e-12));
    for (int i = 0; i < row.length; i++) {
      row[i] *= scale;
    }
  }

  @Override
  public void close() {
    runners.values().forEach(WindowRunner::close);
  }
}
