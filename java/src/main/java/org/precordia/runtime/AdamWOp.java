// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_adamw_desc;

/**
 * Gradient norm, clipping, AdamW (Loshchilov &amp; Hutter 2019) and moving average, over flat
 * buffers.
 */
public final class AdamWOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public AdamWOp(Arena arena) {
    super(arena, pcd_adamw_desc.layout());
  }

  /** Β₁. */
  public AdamWOp beta1(float value) {
    pcd_adamw_desc.beta1(descriptor(), value);
    return this;
  }

  /** Β₂. */
  public AdamWOp beta2(float value) {
    pcd_adamw_desc.beta2(descriptor(), value);
    return this;
  }

  /** Ε. */
  public AdamWOp epsilon(float value) {
    pcd_adamw_desc.epsilon(descriptor(), value);
    return this;
  }

  /** Decoupled weight decay. */
  public AdamWOp weightDecay(float value) {
    pcd_adamw_desc.weight_decay(descriptor(), value);
    return this;
  }

  /** Largest norm of the gradient; 0 or less: no clipping. */
  public AdamWOp clipNorm(float value) {
    pcd_adamw_desc.clip_norm(descriptor(), value);
    return this;
  }

  /** Decay of the moving average. */
  public AdamWOp averageDecay(float value) {
    pcd_adamw_desc.average_decay(descriptor(), value);
    return this;
  }

  /** Parameters: F32 [P]; updated. */
  public AdamWOp parameters(Tensor tensor) {
    put(pcd_adamw_desc.parameters$offset(), tensor);
    return this;
  }

  /** Gradients: F32 [P]. */
  public AdamWOp gradients(Tensor tensor) {
    put(pcd_adamw_desc.gradients$offset(), tensor);
    return this;
  }

  /** First moment: F32 [P]; updated. */
  public AdamWOp firstMoment(Tensor tensor) {
    put(pcd_adamw_desc.first_moment$offset(), tensor);
    return this;
  }

  /** Second moment: F32 [P]; updated. */
  public AdamWOp secondMoment(Tensor tensor) {
    put(pcd_adamw_desc.second_moment$offset(), tensor);
    return this;
  }

  /** Average: F32 [P]; may be absent; updated. */
  public AdamWOp average(Tensor tensor) {
    put(pcd_adamw_desc.average$offset(), tensor);
    return this;
  }

  /** Segments: I64 [S + 1]: ascending bounds, first 0, last P. */
  public AdamWOp segments(Tensor tensor) {
    put(pcd_adamw_desc.segments$offset(), tensor);
    return this;
  }

  /** Decay: F32 [S]: factor on the weight decay. */
  public AdamWOp decay(Tensor tensor) {
    put(pcd_adamw_desc.decay$offset(), tensor);
    return this;
  }

  /** State: the step state. */
  public AdamWOp state(Tensor tensor) {
    put(pcd_adamw_desc.state$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public AdamWOp workspace(Tensor tensor) {
    put(pcd_adamw_desc.workspace$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_adamw_workspace_size);
  }

  /** Updates the parameters. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_adamw);
  }
}
