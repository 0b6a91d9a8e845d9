// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_stem_desc;

/**
 * Seven-tap convolution from leads to channels, zero outside the window. Parameters: weight [C, n,
 * 7], bias [C].
 */
public final class StemOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public StemOp(Arena arena) {
    super(arena, pcd_stem_desc.layout());
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public StemOp accumulate(boolean on) {
    flag(pcd_stem_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** Input: F32 [B, L, n]. */
  public StemOp input(Tensor tensor) {
    put(pcd_stem_desc.input$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [7nC + C], flat. */
  public StemOp parameters(Tensor tensor) {
    put(pcd_stem_desc.parameters$offset(), tensor);
    return this;
  }

  /** Packed: the backend's copy of the parameters, U8, written by {@link PackOp}. */
  public StemOp packed(Tensor tensor) {
    put(pcd_stem_desc.packed$offset(), tensor);
    return this;
  }

  /** Output: F32 or BF16 [B, L, C]; forward writes it. */
  public StemOp output(Tensor tensor) {
    put(pcd_stem_desc.output$offset(), tensor);
    return this;
  }

  /** Output grad: like the output; backward reads it. */
  public StemOp outputGrad(Tensor tensor) {
    put(pcd_stem_desc.output_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public StemOp parameterGrad(Tensor tensor) {
    put(pcd_stem_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public StemOp workspace(Tensor tensor) {
    put(pcd_stem_desc.workspace$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_stem_workspace_size);
  }

  /** Computes the output. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_stem_forward);
  }

  /** Computes the parameters' gradient. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_stem_backward);
  }
}
