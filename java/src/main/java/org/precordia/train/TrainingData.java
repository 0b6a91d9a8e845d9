// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.data.WindowLimits;
import org.precordia.data.Windows;
import org.precordia.model.Standardisation;

/**
 * What a run learns from: the training records divided by patient, their windows, labels and
 * statistics. A function of shard, recipe, leads, folds and seed alone.
 */
public final class TrainingData {
  private final Shard shard;
  private final PatientSplit split;
  private final Windows.Selection learning;
  private final Windows.Selection inner;
  private final int[] labelSource;
  private final LabelMasks labels;
  private final Standardisation standardisation;

  /**
   * Divides and measures.
   *
   * @throws TrainingException when the shard does not fit the recipe or has too little in it
   */
  public TrainingData(Shard shard, Recipe recipe, TrainingOptions options) {
    if (shard.preset() != recipe.preprocessing()) {
      throw new TrainingException(
          "%s was prepared with preprocessing '%s', recipe %s needs '%s': prepare it again with"
              + " precordia prepare --preprocessing %s",
          shard.file(),
          shard.preset().id(),
          recipe.name(),
          recipe.preprocessing().id(),
          recipe.preprocessing().id());
    }
    this.shard = shard;
    split = PatientSplit.of(shard, recipe, options);
    WindowLimits limits = WindowLimits.measure(shard, split.learning());
    learning = Windows.forTraining(shard, split.learning(), limits);
    inner = Windows.forEvaluation(shard, split.inner());
    if (learning.size() == 0 || inner.size() == 0) {
      throw new TrainingException(
          "%s: %d training windows and %d windows to choose epochs by are usable; prepare more"
              + " data",
          shard.file(), learning.size(), inner.size());
    }
    labelSource =
        recipe.labels() == Recipe.Labels.SHUFFLED
            ? LabelShuffle.sources(shard, split, options.seed())
            : IntStream.range(0, shard.records()).toArray();
    labels = LabelMasks.of(shard, split.learning(), recipe.labels(), labelSource);
    standardisation =
        InputStatistics.measure(
            shard,
            learning.thinned(Windows.MOST_MEASURED),
            limits,
            options.inputs(),
            recipe.normalisation());
  }

  Shard shard() {
    return shard;
  }

  /** All records that are drawn on, those of the patients held out included. */
  public int[] records() {
    return split.all();
  }

  /** Windows that are learned from. */
  public Windows.Selection learning() {
    return learning;
  }

  /** Records that are learned from. */
  int[] learningRecords() {
    return split.learning();
  }

  /** Records of the patients held out. */
  int[] innerRecords() {
    return split.inner();
  }

  /** Windows of the patients held out. */
  Windows.Selection inner() {
    return inner;
  }

  LabelMasks labels() {
    return labels;
  }

  /** Superclasses that a record bears, bits as in {@link Shard#superclasses()}. */
  int superclasses(int record) {
    return shard.superclasses(labelSource[record]);
  }

  /** How inputs in mV become what a network sees. */
  public Standardisation standardisation() {
    return standardisation;
  }
}
