// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_head_desc;

/**
 * Output in mV: W·LN(x) + bias + A·s + a. Parameters: norm [C] and [C], weight [T, C, 1], bias [T];
 * anchor, frozen: weight [T, n, 1], bias [T].
 */
public final class HeadOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public HeadOp(Arena arena) {
    super(arena, pcd_head_desc.layout());
  }

  /** Forward keeps nothing for backward, and needs no {@code saved}. */
  public HeadOp inference(boolean on) {
    flag(pcd_head_desc.flags$offset(), Precordia.PCD_FLAG_INFERENCE(), on);
    return this;
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public HeadOp accumulate(boolean on) {
    flag(pcd_head_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** Input: F32 or BF16 [B, L, C]. */
  public HeadOp input(Tensor tensor) {
    put(pcd_head_desc.input$offset(), tensor);
    return this;
  }

  /** Signal: standardised inputs, F32 [B, L, n]; absent without anchor. */
  public HeadOp signal(Tensor tensor) {
    put(pcd_head_desc.signal$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [2C + TC + T], flat. */
  public HeadOp parameters(Tensor tensor) {
    put(pcd_head_desc.parameters$offset(), tensor);
    return this;
  }

  /** Anchor: F32 [T·n + T]; may be absent. */
  public HeadOp anchor(Tensor tensor) {
    put(pcd_head_desc.anchor$offset(), tensor);
    return this;
  }

  /** Packed: the backend's copy of the parameters, U8, written by {@link PackOp}. */
  public HeadOp packed(Tensor tensor) {
    put(pcd_head_desc.packed$offset(), tensor);
    return this;
  }

  /** Output: F32 [B, L, T] mV; forward writes it. */
  public HeadOp output(Tensor tensor) {
    put(pcd_head_desc.output$offset(), tensor);
    return this;
  }

  /** Saved: what forward keeps for backward, U8 [{@link #savedSize}]. */
  public HeadOp saved(Tensor tensor) {
    put(pcd_head_desc.saved$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public HeadOp workspace(Tensor tensor) {
    put(pcd_head_desc.workspace$offset(), tensor);
    return this;
  }

  /** Output grad: F32 [B, L, T]; backward reads it. */
  public HeadOp outputGrad(Tensor tensor) {
    put(pcd_head_desc.output_grad$offset(), tensor);
    return this;
  }

  /** Input grad: like the input; backward writes it. */
  public HeadOp inputGrad(Tensor tensor) {
    put(pcd_head_desc.input_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public HeadOp parameterGrad(Tensor tensor) {
    put(pcd_head_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_head_workspace_size);
  }

  /** Bytes that forward keeps for backward, from shapes and flags alone. */
  public long savedSize(Context context) {
    return query(context, Precordia::pcd_head_saved_size);
  }

  /** Computes the output. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_head_forward);
  }

  /** Computes the gradients of input and parameters. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_head_backward);
  }
}
