// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_supcon_desc;

/**
 * Supervised contrastive loss over N unit embeddings and its gradient, without the N×N matrix
 * (docs/model.md, section 3).
 */
public final class SupConOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public SupConOp(Arena arena) {
    super(arena, pcd_supcon_desc.layout());
  }

  /** The only positive of an entry is the other view of the same window. */
  public SupConOp viewsOnly(boolean on) {
    flag(pcd_supcon_desc.flags$offset(), Precordia.PCD_FLAG_VIEWS_ONLY(), on);
    return this;
  }

  /**
   * Lets the backend round embeddings and pair gradients to 11 bits (TF32's precision) before it
   * multiplies them: what a run in bf16 asks for. A backend that gains nothing by it ignores it.
   */
  public SupConOp fastProducts(boolean on) {
    flag(pcd_supcon_desc.flags$offset(), Precordia.PCD_FLAG_FAST_PRODUCTS(), on);
    return this;
  }

  /** Which distribution over the positives the loss pulls towards. */
  public SupConOp target(SupConTarget target) {
    pcd_supcon_desc.target(descriptor(), target.code());
    return this;
  }

  /** Τ, with 2/τ &lt; 80. */
  public SupConOp temperature(float value) {
    pcd_supcon_desc.temperature(descriptor(), value);
    return this;
  }

  /** First row of this rank. */
  public SupConOp rowBegin(long value) {
    pcd_supcon_desc.row_begin(descriptor(), value);
    return this;
  }

  /** End of this rank's rows. */
  public SupConOp rowEnd(long value) {
    pcd_supcon_desc.row_end(descriptor(), value);
    return this;
  }

  /** Z: F32 [N, D], rows of length 1. */
  public SupConOp z(Tensor tensor) {
    put(pcd_supcon_desc.z$offset(), tensor);
    return this;
  }

  /** Labels: U64 [N, W]; may be absent when only views count. */
  public SupConOp labels(Tensor tensor) {
    put(pcd_supcon_desc.labels$offset(), tensor);
    return this;
  }

  /** Groups: I32 [N]; may be absent. */
  public SupConOp groups(Tensor tensor) {
    put(pcd_supcon_desc.groups$offset(), tensor);
    return this;
  }

  /** State: the step state; may be absent. */
  public SupConOp state(Tensor tensor) {
    put(pcd_supcon_desc.state$offset(), tensor);
    return this;
  }

  /** Statistics: F32 [N, 4]; forward writes its rows, backward reads all. */
  public SupConOp statistics(Tensor tensor) {
    put(pcd_supcon_desc.statistics$offset(), tensor);
    return this;
  }

  /** Loss: F32 [3]: mean over anchors, sum, anchors; may be absent; forward writes it. */
  public SupConOp loss(Tensor tensor) {
    put(pcd_supcon_desc.loss$offset(), tensor);
    return this;
  }

  /** Z grad: F32 [rows, D]; backward writes it. */
  public SupConOp zGrad(Tensor tensor) {
    put(pcd_supcon_desc.z_grad$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public SupConOp workspace(Tensor tensor) {
    put(pcd_supcon_desc.workspace$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_supcon_workspace_size);
  }

  /** Computes loss and row statistics. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_supcon_forward);
  }

  /** Computes the embeddings' gradient. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_supcon_backward);
  }
}
