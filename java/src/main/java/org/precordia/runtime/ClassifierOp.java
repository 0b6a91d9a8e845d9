// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_classifier_desc;

/**
 * Logits W·h + b, sigmoid cross-entropy with label bits, and gradients. Parameters: weight [K, C],
 * bias [K].
 */
public final class ClassifierOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public ClassifierOp(Arena arena) {
    super(arena, pcd_classifier_desc.layout());
  }

  /** Backward adds to the parameter gradients instead of writing them. */
  public ClassifierOp accumulate(boolean on) {
    flag(pcd_classifier_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE(), on);
    return this;
  }

  /** Backward adds to the gradient of h instead of writing it. */
  public ClassifierOp accumulateInput(boolean on) {
    flag(pcd_classifier_desc.flags$offset(), Precordia.PCD_FLAG_ACCUMULATE_INPUT(), on);
    return this;
  }

  /** Factor on the gradients: 1, or a chunk's share of the batch. */
  public ClassifierOp gradientScale(float value) {
    pcd_classifier_desc.gradient_scale(descriptor(), value);
    return this;
  }

  /** H: F32 [B, C]. */
  public ClassifierOp h(Tensor tensor) {
    put(pcd_classifier_desc.h$offset(), tensor);
    return this;
  }

  /** Labels: U64 [B, W]; absent for logits alone. */
  public ClassifierOp labels(Tensor tensor) {
    put(pcd_classifier_desc.labels$offset(), tensor);
    return this;
  }

  /** Parameters: F32 [KC + K], flat. */
  public ClassifierOp parameters(Tensor tensor) {
    put(pcd_classifier_desc.parameters$offset(), tensor);
    return this;
  }

  /** Packed: the backend's copy of the parameters, U8, written by {@link PackOp}. */
  public ClassifierOp packed(Tensor tensor) {
    put(pcd_classifier_desc.packed$offset(), tensor);
    return this;
  }

  /** State: the step state; may be absent. */
  public ClassifierOp state(Tensor tensor) {
    put(pcd_classifier_desc.state$offset(), tensor);
    return this;
  }

  /** Logits: F32 [B, K]; forward writes it, backward reads it. */
  public ClassifierOp logits(Tensor tensor) {
    put(pcd_classifier_desc.logits$offset(), tensor);
    return this;
  }

  /** Loss: F32 [1]; may be absent; forward writes it. */
  public ClassifierOp loss(Tensor tensor) {
    put(pcd_classifier_desc.loss$offset(), tensor);
    return this;
  }

  /** H grad: F32 [B, C]; may be absent; backward writes it. */
  public ClassifierOp hGrad(Tensor tensor) {
    put(pcd_classifier_desc.h_grad$offset(), tensor);
    return this;
  }

  /** Parameter grad: F32 like the parameters; backward writes it. */
  public ClassifierOp parameterGrad(Tensor tensor) {
    put(pcd_classifier_desc.parameter_grad$offset(), tensor);
    return this;
  }

  /** Workspace: scratch, U8 [{@link #workspaceSize}]. */
  public ClassifierOp workspace(Tensor tensor) {
    put(pcd_classifier_desc.workspace$offset(), tensor);
    return this;
  }

  /** Bytes of scratch memory, from shapes and flags alone. */
  public long workspaceSize(Context context) {
    return query(context, Precordia::pcd_classifier_workspace_size);
  }

  /** Computes logits and loss. */
  public void forward(Stream stream) {
    launch(stream, Precordia::pcd_classifier_forward);
  }

  /** Computes the gradients of h and parameters. */
  public void backward(Stream stream) {
    launch(stream, Precordia::pcd_classifier_backward);
  }
}
