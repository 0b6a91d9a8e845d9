// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.precordia.model.Network;
import org.precordia.model.Scratch;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.ReconstructionLossOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The loss of the reconstruction and its gradient, chunk by chunk, and the loss of this rank's
 * whole part of the batch for the metrics: with several chunks, outputs and targets are kept for
 * it.
 */
final class ReconstructionLosses {
  private final ReconstructionLossOp part;
  private final ReconstructionLossOp whole; // null with one chunk
  private final List<List<CopyOp>> keep = new ArrayList<>();

  /**
   * Prepares the ops.
   *
   * @param targets of the chunk gathered last
   * @param chunks chunks of this rank
   * @param ranks how many ranks there are
   * @param loss F32 [3]
   */
  ReconstructionLosses(
      Arena arena,
      Resources resources,
      Scratch scratch,
      Stream stream,
      StageConfig.Loss config,
      Network network,
      Tensor targets,
      Tensor state,
      int chunks,
      int ranks,
      Tensor loss) {
    part =
        op(arena, config, state)
            .gradientScale(1f / (chunks * ranks))
            .prediction(network.output())
            .target(targets)
            .predictionGrad(network.outputGrad());
    if (chunks == 1) {
      whole = null;
      part.loss(loss);
    } else {
      Tensor output = network.output();
      long rows = output.extent(0);
      long[] shape = {rows * chunks, output.extent(1), output.extent(2)};
      Tensor allOutputs = resources.allocate(stream, DType.F32, shape);
      Tensor allTargets = resources.allocate(stream, DType.F32, shape);
      for (int chunk = 0; chunk < chunks; chunk++) {
        long from = chunk * rows;
        keep.add(
            List.of(
                copy(arena, output, allOutputs.slice(from, from + rows)),
                copy(arena, targets, allTargets.slice(from, from + rows))));
      }
      whole =
          op(arena, config, state)
              .gradientScale(1)
              .prediction(allOutputs)
              .target(allTargets)
              .loss(loss);
      scratch.need(whole.workspaceSize(stream.context()), whole::workspace);
    }
    scratch.need(part.workspaceSize(stream.context()), part::workspace);
  }

  private static ReconstructionLossOp op(Arena arena, StageConfig.Loss config, Tensor state) {
    return new ReconstructionLossOp(arena)
        .mseWeight((float) config.mse())
        .l1Weight((float) config.l1())
        .state(state);
  }

  private static CopyOp copy(Arena arena, Tensor source, Tensor target) {
    return new CopyOp(arena).source(source).target(target);
  }

  /** Computes a chunk's gradient. */
  void run(Stream stream, int chunk) {
    part.run(stream);
    if (!keep.isEmpty()) {
      keep.get(chunk).forEach(copy -> copy.run(stream));
    }
  }

  /** Computes the loss of all chunks. */
  void finish(Stream stream) {
    if (whole != null) {
      whole.run(stream);
    }
  }
}
