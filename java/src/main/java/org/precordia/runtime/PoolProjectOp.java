// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_pool_project_desc;

/**
 * Embedding h = mean over time of LN(x), and the unit projection z of a two-layer perceptron on h.
 * Parameters: norm [C] and [C], then [C, C], [C], [D, C], [D].
 */
public final class PoolProjectOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public PoolProjectOp(Arena arena) {
    super(arena, pcd_pool_project_desc.layout());
  }

  /** Forward keeps nothing for backward, and needs no {@code saved}. */
  public PoolProjectOp inference(boolean on) {
    flag(pcd_pool_project_desc.flags$offset(), Precordia.PCD_FLAG_INFERENCE(), on);
    return this;
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public PoolProjectOp accumulate(boolean on) {
    flag(pcd_pool_project_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** Input: F32 or BF16 [B, L, C]. */
  public PoolProjectOp input(Tensor tensor) {
    put(pcd_pool_project_desc.input$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [C² + 3C + DC + D], flat. */
  public PoolProjectOp parameters(Tensor tensor) {
    put(pcd_pool_project_desc.parameters$offset(), tensor);
    return this;
  }

  /** Packed: the backend's copy of the parameters, U8, written by {@link PackOp}. */
  public PoolProjectOp packed(Tensor tensor) {
    put(pcd_pool_project_desc.packed$offset(), tensor);
    return this;
  }

  /** H: F32 [B, C]; forward writes it. */
  public PoolProjectOp h(Tensor tensor) {
    put(pcd_pool_project_desc.h$offset(), tensor);
    return this;
  }

  /** Z: F32 [B, D]; absent without projection. */
  public PoolProjectOp z(Tensor tensor) {
    put(pcd_pool_project_desc.z$offset(), tensor);
    return this;
  }

  /** Saved: what forward keeps for backward, U8 [{@link #savedSize}]. */
  public PoolProjectOp saved(Tensor tensor) {
    put(pcd_pool_project_desc.saved$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public PoolProjectOp workspace(Tensor tensor) {
    put(pcd_pool_project_desc.workspace$offset(), tensor);
    return this;
  }

  /** H grad: F32 [B, C]: gradient that reaches h from elsewhere; may be absent. */
  public PoolProjectOp hGrad(Tensor tensor) {
    put(pcd_pool_project_desc.h_grad$offset(), tensor);
    return this;
  }

  /** Z grad: F32 [B, D]; may be absent. */
  public PoolProjectOp zGrad(Tensor tensor) {
    put(pcd_pool_project_desc.z_grad$offset(), tensor);
    return this;
  }

  /** Input grad: like the input; backward writes it. */
  public PoolProjectOp inputGrad(Tensor tensor) {
    put(pcd_pool_project_desc.input_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public PoolProjectOp parameterGrad(Tensor tensor) {
    put(pcd_pool_project_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_pool_project_workspace_size);
  }

  /** Bytes that forward keeps for backward, from shapes and flags alone. */
  public long savedSize(Context context) {
    return query(context, Precordia::pcd_pool_project_saved_size);
  }

  /** Computes h and z. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_pool_project_forward);
  }

  /** Computes the gradients of input and parameters. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_pool_project_backward);
  }
}
