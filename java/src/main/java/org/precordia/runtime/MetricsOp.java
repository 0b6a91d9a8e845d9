// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_metrics_desc;

/** Last op of a step: writes its losses into row (step − 1) mod capacity of a ring. */
public final class MetricsOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public MetricsOp(Arena arena) {
    super(arena, pcd_metrics_desc.layout());
  }

  /** State: the step state. */
  public MetricsOp state(Tensor tensor) {
    put(pcd_metrics_desc.state$offset(), tensor);
    return this;
  }

  /** Reconstruction: F32 [3], absent without reconstruction. */
  public MetricsOp reconstruction(Tensor tensor) {
    put(pcd_metrics_desc.reconstruction$offset(), tensor);
    return this;
  }

  /** Contrastive: F32 [3], absent without contrast. */
  public MetricsOp contrastive(Tensor tensor) {
    put(pcd_metrics_desc.contrastive$offset(), tensor);
    return this;
  }

  /** Classifier: F32 [1], absent without classifier. */
  public MetricsOp classifier(Tensor tensor) {
    put(pcd_metrics_desc.classifier$offset(), tensor);
    return this;
  }

  /** Ring: U8 [capacity, {@link MetricsRow#BYTES}]. */
  public MetricsOp ring(Tensor tensor) {
    put(pcd_metrics_desc.ring$offset(), tensor);
    return this;
  }

  /** Writes the row. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_metrics);
  }
}
