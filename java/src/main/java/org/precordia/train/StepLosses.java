// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.MetricsOp;
import org.precordia.runtime.Reduction;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * What ops tell of a step's losses, side by side, so that ranks share them with two small sums: the
 * mean of those that are means over a rank's windows, and the sum of those over its anchors. The
 * ranks' wish to stop goes with them, so that all of them learn of it in the same step.
 */
final class StepLosses {
  private static final int RECONSTRUCTION = 0;
  private static final int CLASSIFIER = 3;
  private static final int CONTRAST = 4;
  private static final int STOPS = 7;
  private static final int SIZE = 8;

  private final TrainingRanks ranks;
  private final Stream stream;
  private final Tensor values;
  private final Tensor wish;
  private final CopyOp tell;

  StepLosses(Arena arena, Resources resources, Stream stream, TrainingRanks ranks) {
    this.ranks = ranks;
    this.stream = stream;
    values = resources.allocate(stream, DType.F32, SIZE);
    values.upload(stream, new float[SIZE]);
    wish = ranks.several() ? resources.allocate(stream, DType.F32, 1) : null;
    tell = ranks.several() ? new CopyOp(arena).source(wish).target(stops()) : null;
    if (ranks.several()) {
      wish.upload(stream, new float[1]);
    }
  }

  /** F32 [3], of the reconstruction. */
  Tensor reconstruction() {
    return values.slice(RECONSTRUCTION, CLASSIFIER);
  }

  /** F32 [1], of the classifier. */
  Tensor classifier() {
    return values.slice(CLASSIFIER, CONTRAST);
  }

  /** F32 [3], of the contrast. */
  Tensor contrast() {
    return values.slice(CONTRAST, STOPS);
  }

  /** F32 [1]: how many ranks wish to stop after this step. */
  Tensor stops() {
    return values.slice(STOPS, SIZE);
  }

  /** Lets the other ranks know, from the next step on, that this one wishes to stop. */
  void wishToStop() {
    wish.upload(stream, new float[] {1});
  }

  /** Begins to share the losses, which are there now. */
  void share() {
    if (ranks.several()) {
      tell.run(stream);
      ranks
          .communicator()
          .beginAllReduce(stream, values.slice(RECONSTRUCTION, CONTRAST), Reduction.MEAN);
      ranks.communicator().beginAllReduce(stream, values.slice(CONTRAST, SIZE), Reduction.SUM);
    }
  }

  /** Lets the metrics read the losses that there are. */
  void wire(MetricsOp metrics, boolean reconstructs, EmbeddingLosses embeddings) {
    metrics.reconstruction(reconstructs ? reconstruction() : null);
    if (embeddings != null) {
      metrics.contrastive(embeddings.writesZ() ? contrast() : null);
      metrics.classifier(embeddings.writesH() ? classifier() : null);
    }
  }
}
