// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import org.precordia.data.Windows;
import org.precordia.model.Initialisation;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.RidgeAnchor;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowSource;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.Stream;

/**
 * What the stages of a run begin with. Of several ranks the first one fits the anchor, on all of
 * the training windows, and hands its parameters to the others: so the anchor is one rank's, bit
 * for bit, and takes as long as with one rank.
 */
final class FirstParameters {
  private static final int FIT_BATCH = 128;

  private final ParameterLayout layout;
  private final Recipe recipe;
  private final TrainingOptions options;

  FirstParameters(ParameterLayout layout, Recipe recipe, TrainingOptions options) {
    this.layout = layout;
    this.recipe = recipe;
    this.options = options;
  }

  /** What a run begins with, on all ranks. */
  float[] ofRun(Stream stream, WindowSource source, TrainingData data, TrainingRanks ranks) {
    float[] flat = Initialisation.draw(layout, options.seed());
    if (ranks.first() && layout.has(ParameterGroup.ANCHOR)) {
      float[] anchor;
      try (PhaseSpan _ = new PhaseSpan("fit anchor", "ridge regression")) {
        anchor =
            RidgeAnchor.fit(
                source,
                WindowRef.list(data.learning().thinned(Windows.MOST_MEASURED)),
                FIT_BATCH,
                recipe.anchorPenalty());
      }
      int begin = (int) layout.range(ParameterGroup.ANCHOR).begin();
      System.arraycopy(anchor, 0, flat, begin, anchor.length);
    }
    return ranks.broadcast(stream, flat);
  }

  /**
   * What a later stage begins with.
   *
   * @param before what the stage before it found best
   */
  float[] ofStage(StageConfig stage, float[] before) {
    if (!stage.afresh()) {
      return before;
    }
    float[] flat = before.clone();
    ParameterLayout.Range range = Optimiser.range(layout, stage.kind());
    int begin = (int) range.begin();
    float[] drawn = Initialisation.draw(layout, options.seed());
    System.arraycopy(drawn, begin, flat, begin, (int) range.count());
    return flat;
  }
}
