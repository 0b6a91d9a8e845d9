// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_ridge_desc;

/** Adds one batch to the normal equations of a linear regression with bias, in fp64. */
public final class RidgeOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public RidgeOp(Arena arena) {
    super(arena, pcd_ridge_desc.layout());
  }

  /** Inputs: F32 [B, L, n]. */
  public RidgeOp inputs(Tensor tensor) {
    put(pcd_ridge_desc.inputs$offset(), tensor);
    return this;
  }

  /** Targets: F32 [B, L, T]. */
  public RidgeOp targets(Tensor tensor) {
    put(pcd_ridge_desc.targets$offset(), tensor);
    return this;
  }

  /** Gram: F64 [n+1, n+1]; added to. */
  public RidgeOp gram(Tensor tensor) {
    put(pcd_ridge_desc.gram$offset(), tensor);
    return this;
  }

  /** Moment: F64 [n+1, T]; added to. */
  public RidgeOp moment(Tensor tensor) {
    put(pcd_ridge_desc.moment$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public RidgeOp workspace(Tensor tensor) {
    put(pcd_ridge_desc.workspace$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_ridge_workspace_size);
  }

  /** Adds the batch. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_ridge);
  }
}
