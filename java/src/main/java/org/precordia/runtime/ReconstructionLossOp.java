// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_reconstruction_loss_desc;

/**
 * Weighted sum of mean squared and mean absolute error, its gradient, and moments of each window.
 */
public final class ReconstructionLossOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public ReconstructionLossOp(Arena arena) {
    super(arena, pcd_reconstruction_loss_desc.layout());
  }

  /** Weight of the mean squared error. */
  public ReconstructionLossOp mseWeight(float value) {
    pcd_reconstruction_loss_desc.mse_weight(descriptor(), value);
    return this;
  }

  /** Weight of the mean absolute error. */
  public ReconstructionLossOp l1Weight(float value) {
    pcd_reconstruction_loss_desc.l1_weight(descriptor(), value);
    return this;
  }

  /** Factor on the gradient: 1, or a chunk's share of the batch. */
  public ReconstructionLossOp gradientScale(float value) {
    pcd_reconstruction_loss_desc.gradient_scale(descriptor(), value);
    return this;
  }

  /** Prediction: F32 [B, L, T] mV. */
  public ReconstructionLossOp prediction(Tensor tensor) {
    put(pcd_reconstruction_loss_desc.prediction$offset(), tensor);
    return this;
  }

  /** Target: F32 [B, L, T] mV. */
  public ReconstructionLossOp target(Tensor tensor) {
    put(pcd_reconstruction_loss_desc.target$offset(), tensor);
    return this;
  }

  /** State: the step state; absent: weight 1. */
  public ReconstructionLossOp state(Tensor tensor) {
    put(pcd_reconstruction_loss_desc.state$offset(), tensor);
    return this;
  }

  /** Loss: F32 [3]: loss, mean squared error, mean absolute error; may be absent; written. */
  public ReconstructionLossOp loss(Tensor tensor) {
    put(pcd_reconstruction_loss_desc.loss$offset(), tensor);
    return this;
  }

  /** Prediction grad: F32 [B, L, T]; may be absent; written. */
  public ReconstructionLossOp predictionGrad(Tensor tensor) {
    put(pcd_reconstruction_loss_desc.prediction_grad$offset(), tensor);
    return this;
  }

  /** Moments: F64 [B, T, 7]: Σe², Σ|e|, Σy, Σy², Σp, Σp², Σyp over time; may be absent; written. */
  public ReconstructionLossOp moments(Tensor tensor) {
    put(pcd_reconstruction_loss_desc.moments$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public ReconstructionLossOp workspace(Tensor tensor) {
    put(pcd_reconstruction_loss_desc.workspace$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_reconstruction_loss_workspace_size);
  }

  /** Computes what is asked for. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_reconstruction_loss);
  }
}
