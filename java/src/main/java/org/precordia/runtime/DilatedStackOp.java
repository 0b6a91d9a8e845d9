// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_dilated_stack_desc;

/**
 * A stack of residual blocks x + Pointwise(GELU(LN(DilatedConv(x)))), C channels each. Parameters,
 * block after block: conv [C, C, 3] and [C], norm [C] and [C], pointwise [C, C, 1] and [C].
 */
public final class DilatedStackOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public DilatedStackOp(Arena arena) {
    super(arena, pcd_dilated_stack_desc.layout());
  }

  /** Forward keeps nothing for backward, and needs no {@code saved}. */
  public DilatedStackOp inference(boolean on) {
    flag(pcd_dilated_stack_desc.flags$offset(), Precordia.PCD_FLAG_INFERENCE(), on);
    return this;
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public DilatedStackOp accumulate(boolean on) {
    flag(pcd_dilated_stack_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** One block for each dilation, in order. */
  public DilatedStackOp dilations(int... dilations) {
    if (dilations.length < 1 || dilations.length > Precordia.PCD_MAX_BLOCKS()) {
      throw new IllegalArgumentException(
          "1 to " + Precordia.PCD_MAX_BLOCKS() + " blocks, not " + dilations.length);
    }
    pcd_dilated_stack_desc.blocks(descriptor(), dilations.length);
    for (int i = 0; i < dilations.length; i++) {
      pcd_dilated_stack_desc.dilations(descriptor(), i, dilations[i]);
    }
    return this;
  }

  /** Input: F32 or BF16 [B, L, C]; must stay unchanged until backward. */
  public DilatedStackOp input(Tensor tensor) {
    put(pcd_dilated_stack_desc.input$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [blocks · (4C² + 4C)], flat. */
  public DilatedStackOp parameters(Tensor tensor) {
    put(pcd_dilated_stack_desc.parameters$offset(), tensor);
    return this;
  }

  /** Packed: the backend's copy of the parameters, U8, written by {@link PackOp}. */
  public DilatedStackOp packed(Tensor tensor) {
    put(pcd_dilated_stack_desc.packed$offset(), tensor);
    return this;
  }

  /** Output: [B, L, C], other memory than the input; forward writes it. */
  public DilatedStackOp output(Tensor tensor) {
    put(pcd_dilated_stack_desc.output$offset(), tensor);
    return this;
  }

  /** Saved: what forward keeps for backward, U8 [{@link #savedSize}]. */
  public DilatedStackOp saved(Tensor tensor) {
    put(pcd_dilated_stack_desc.saved$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public DilatedStackOp workspace(Tensor tensor) {
    put(pcd_dilated_stack_desc.workspace$offset(), tensor);
    return this;
  }

  /** Output grad: [B, L, C]; backward reads and may overwrite it. */
  public DilatedStackOp outputGrad(Tensor tensor) {
    put(pcd_dilated_stack_desc.output_grad$offset(), tensor);
    return this;
  }

  /** Input grad: [B, L, C], may be the memory of the output's gradient; backward writes it. */
  public DilatedStackOp inputGrad(Tensor tensor) {
    put(pcd_dilated_stack_desc.input_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public DilatedStackOp parameterGrad(Tensor tensor) {
    put(pcd_dilated_stack_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_dilated_stack_workspace_size);
  }

  /** Bytes that forward keeps for backward, from shapes and flags alone. */
  public long savedSize(Context context) {
    return query(context, Precordia::pcd_dilated_stack_saved_size);
  }

  /** Computes the output. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_dilated_stack_forward);
  }

  /** Computes the gradients of input and parameters. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_dilated_stack_backward);
  }
}
