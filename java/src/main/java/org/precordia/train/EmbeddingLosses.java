// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import org.precordia.model.Gradients;
import org.precordia.model.Network;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.Scratch;
import org.precordia.model.Weights;
import org.precordia.runtime.ClassifierOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.SupConOp;
import org.precordia.runtime.Tensor;

/**
 * The losses on the embeddings of a whole batch: contrastive on z, classifier on h. Their gradients
 * with respect to z and h are written; other losses' gradients of h are added later.
 *
 * <p>Over several ranks every rank sees all z, labels and row statistics, and owns the rows of its
 * entries: their losses, and the gradient of the mean over all ranks' anchors with respect to their
 * z. The order of the entries, rank by rank, is another than one rank's; the loss is one over sets
 * of entries and does not depend on it but for rounding.
 */
final class EmbeddingLosses {
  private final SupConOp contrast;
  private final ClassifierOp classifier;
  private final TrainingRanks ranks;
  private final Batch batch;
  private final TrainingRanks.Rows z;
  private final TrainingRanks.Rows statistics;

  /**
   * Prepares the losses.
   *
   * @param embeddings h, z and their gradients of this rank's entries
   * @param batch labels and groups of the entries
   */
  EmbeddingLosses(
      Arena arena,
      Resources resources,
      Scratch scratch,
      Weights weights,
      StageConfig.Loss config,
      Network.Embeddings embeddings,
      Batch batch,
      Gradients gradients,
      Tensor state,
      StepLosses losses,
      TrainingRanks ranks) {
    this.ranks = ranks;
    this.batch = batch;
    Stream stream = weights.stream();
    NetworkConfig network = weights.config();
    boolean labelled = network.classifier();
    long entries = embeddings.z().extent(0);
    boolean contrasts = batch.groups() != null;
    z = contrasts ? ranks.rows(resources, stream, embeddings.z()) : null;
    statistics = contrasts ? ranks.rows(resources, stream, DType.F32, entries, 4) : null;
    contrast =
        !contrasts
            ? null
            : new SupConOp(arena)
                .target(config.target())
                .viewsOnly(config.viewsOnly())
                .fastProducts(weights.activations() == DType.BF16)
                .temperature((float) config.temperature())
                .rowBegin(ranks.rank() * entries)
                .rowEnd((ranks.rank() + 1) * entries)
                .z(z.all())
                .labels(batch.labels().all())
                .groups(batch.groups().all())
                .state(state)
                .statistics(statistics.all())
                .loss(losses.contrast())
                .zGrad(embeddings.zGrad());
    classifier =
        !labelled
            ? null
            : new ClassifierOp(arena)
                .gradientScale(1f / ranks.count())
                .h(embeddings.h())
                .labels(batch.labels().own())
                .parameters(weights.values(ParameterGroup.CLASSIFIER))
                .packed(weights.packed(ParameterGroup.CLASSIFIER))
                .state(state)
                .logits(resources.allocate(stream, DType.F32, entries, network.labels().size()))
                .loss(losses.classifier())
                .hGrad(embeddings.hGrad())
                .accumulate(gradients.accumulates())
                .parameterGrad(gradients.of(ParameterGroup.CLASSIFIER));
    if (contrast != null) {
      scratch.need(contrast.workspaceSize(stream.context()), contrast::workspace);
    }
    if (classifier != null) {
      scratch.need(classifier.workspaceSize(stream.context()), classifier::workspace);
    }
  }

  /** Whether the gradient of z is written. */
  boolean writesZ() {
    return contrast != null;
  }

  /** Whether the gradient of h is written. */
  boolean writesH() {
    return classifier != null;
  }

  /** Computes the contrastive loss and the gradient of z. */
  void contrast(Stream stream) {
    if (contrast != null) {
      ranks.gather(stream, z);
      ranks.gather(stream, batch.labels());
      ranks.gather(stream, batch.groups());
      contrast.forward(stream);
      ranks.gather(stream, statistics);
      contrast.backward(stream);
    }
  }

  /** Computes the classifier's loss and the gradient of h. */
  void classify(Stream stream) {
    if (classifier != null) {
      classifier.forward(stream);
      classifier.backward(stream);
    }
  }
}
