// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import org.precordia.runtime.Context;
import org.precordia.runtime.DilatedStackOp;
import org.precordia.runtime.PoolProjectOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StemOp;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** Stem, dilated blocks, pooling and projection: inputs to the embeddings h [B, C] and z [B, D]. */
final class PathologyBranch {
  private final StemOp stem;
  private final DilatedStackOp blocks;
  private final PoolProjectOp pool;
  private Gradients gradients;

  /**
   * Prepares the ops.
   *
   * @param stemOut [B, L, C], written by the stem, read by the blocks
   * @param blocksOut [B, L, C], written by the blocks, read by the pooling
   * @param gradient [B, L, C] for backward, or null for inference
   */
  PathologyBranch(
      Arena arena,
      Weights weights,
      Network.Embeddings embeddings,
      Tensor inputs,
      Tensor stemOut,
      Tensor blocksOut,
      Tensor gradient) {
    NetworkConfig config = weights.config();
    boolean inference = gradient == null;
    stem =
        new StemOp(arena)
            .input(inputs)
            .parameters(weights.values(ParameterGroup.PATHOLOGY_STEM))
            .packed(weights.packed(ParameterGroup.PATHOLOGY_STEM))
            .output(stemOut)
            .outputGrad(gradient);
    blocks =
        new DilatedStackOp(arena)
            .inference(inference)
            .dilations(config.pathologyDilations())
            .input(stemOut)
            .parameters(weights.values(ParameterGroup.PATHOLOGY_BLOCKS))
            .packed(weights.packed(ParameterGroup.PATHOLOGY_BLOCKS))
            .output(blocksOut)
            .outputGrad(gradient)
            .inputGrad(gradient);
    pool =
        new PoolProjectOp(arena)
            .inference(inference)
            .input(blocksOut)
            .parameters(weights.values(ParameterGroup.POOL_PROJECT))
            .packed(weights.packed(ParameterGroup.POOL_PROJECT))
            .h(embeddings.h())
            .z(embeddings.z())
            .inputGrad(gradient);
    if (!inference) {
      embeddingGradients(embeddings.hGrad(), embeddings.zGrad());
    }
  }

  /** Sets the gradients that reach h and z; null where there is none. */
  void embeddingGradients(Tensor ofH, Tensor ofZ) {
    pool.hGrad(ofH).zGrad(ofZ);
  }

  /** Sets where gradients of the parameters go. */
  void gradients(Gradients gradients) {
    this.gradients = gradients;
    boolean accumulate = gradients.accumulates();
    stem.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.PATHOLOGY_STEM));
    blocks.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.PATHOLOGY_BLOCKS));
    pool.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.POOL_PROJECT));
  }

  /** Allocates what forward keeps and registers the scratch memory. */
  void plan(Stream stream, Resources resources, Scratch scratch, boolean training) {
    Context context = stream.context();
    if (training) {
      blocks.saved(saved(stream, resources, blocks.savedSize(context)));
      pool.saved(saved(stream, resources, pool.savedSize(context)));
    }
    scratch.need(stem.workspaceSize(context), stem::workspace);
    scratch.need(blocks.workspaceSize(context), blocks::workspace);
    scratch.need(pool.workspaceSize(context), pool::workspace);
  }

  static Tensor saved(Stream stream, Resources resources, long bytes) {
    return resources.bytes(stream, bytes);
  }

  void forward(Stream stream) {
    stem.forward(stream);
    blocks.forward(stream);
    pool.forward(stream);
  }

  void backward(Stream stream) {
    pool.backward(stream);
    gradients.written().accept(ParameterGroup.POOL_PROJECT);
    blocks.backward(stream);
    gradients.written().accept(ParameterGroup.PATHOLOGY_BLOCKS);
    stem.backward(stream);
    gradients.written().accept(ParameterGroup.PATHOLOGY_STEM);
  }
}
