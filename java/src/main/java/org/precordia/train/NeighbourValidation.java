// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.precordia.data.Windows;
import org.precordia.model.NearestNeighbours;
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
  private static final int WINDOWS_PER_RECORD = 3;

  /**
   * Windows whose records are compared at most: some 20,000 of 10 s, and 5,000 of those held out.
   */
  private static final int MOST_LEARNING = 1 << 18;

  private static final int MOST_INNER = 1 << 16;

  private final WindowSource source;
  private final TrainingData data;
  private final TrainingRanks ranks;
  private final List<WindowRef> windows = new ArrayList<>();
  private final int gallerySize;
  private final List<Integer> classes = new ArrayList<>();
  private final int[] slots;
  private final Map<Weights, WindowRunner> runners = new HashMap<>();

  NeighbourValidation(WindowSource source, TrainingData data, TrainingRanks ranks) {
    this.ranks = ranks;
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
    if (gallerySize < NearestNeighbours.NEIGHBOURS || queries == 0) {
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
                    WindowRunner.Mode.EMBEDDING,
                    ranks.communicator()))
        .run(
            windows,
            batch -> {
              float[] values = batch.h();
              for (int i = 0; i < values.length; i++) {
                h[slots[batch.first() + i / width]][i % width] += values[i];
              }
            });
    for (float[] row : h) {
      NearestNeighbours.normalise(row);
    }
    int[] known = classes.stream().mapToInt(x -> x).toArray();
    NearestNeighbours gallery =
        new NearestNeighbours(Arrays.copyOf(h, gallerySize), Arrays.copyOf(known, gallerySize));
    int[] told = Arrays.stream(h, gallerySize, h.length).mapToInt(gallery::vote).toArray();
    int[] truth = Arrays.copyOfRange(known, gallerySize, known.length);
    return new Score(
        "knn5_balanced_accuracy", NearestNeighbours.balancedAccuracy(truth, told), true);
  }

  @Override
  public void close() {
    runners.values().forEach(WindowRunner::close);
  }
}
