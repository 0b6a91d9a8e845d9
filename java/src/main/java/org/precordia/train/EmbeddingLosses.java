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
 */
final class EmbeddingLosses {
  private final SupConOp contrast;
  private final ClassifierOp classifier;
  private final Tensor contrastLoss;
  private final Tensor classifierLoss;

  /**
   * Prepares the losses.
   *
   * @param embeddings h, z and their gradients of all N entries
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
      Tensor state) {
    Stream stream = weights.stream();
    NetworkConfig network = weights.config();
    boolean labelled = network.classifier();
    long entries = embeddings.z().extent(0);
    contrastLoss = batch.groups() != null ? resources.allocate(stream, DType.F32, 3) : null;
    contrast =
        contrastLoss == null
            ? null
            : new SupConOp(arena)
                .target(config.target())
                .viewsOnly(config.viewsOnly())
                .fastProducts(weights.activations() == DType.BF16)
                .temperature((float) config.temperature())
                .rowBegin(0)
                .rowEnd(entries)
                .z(embeddings.z())
                .labels(batch.labels())
                .groups(batch.groups())
                .state(state)
                .statistics(resources.allocate(stream, DType.F32, entries, 4))
                .loss(contrastLoss)
                .zGrad(embeddings.zGrad());
    classifierLoss = labelled ? resources.allocate(stream, DType.F32, 1) : null;
    classifier =
        !labelled
            ? null
            : new ClassifierOp(arena)
                .gradientScale(1)
                .h(embeddings.h())
                .labels(batch.labels())
                .parameters(weights.values(ParameterGroup.CLASSIFIER))
                .packed(weights.packed(ParameterGroup.CLASSIFIER))
                .state(state)
                .logits(resources.allocate(stream, DType.F32, entries, network.labels().size()))
                .loss(classifierLoss)
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

  /** F32 [3], or null without labels. */
  Tensor contrastLoss() {
    return contrastLoss;
  }

  /** F32 [1], or null without labels. */
  Tensor classifierLoss() {
    return classifierLoss;
  }

  /** Computes losses and gradients. */
  void run(Stream stream) {
    contrast(stream);
    classify(stream);
  }

  /** Computes the contrastive loss and the gradient of z. */
  void contrast(Stream stream) {
    if (contrast != null) {
      contrast.forward(stream);
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
