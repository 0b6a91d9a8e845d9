// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_log_rms_desc;

/**
 * An h of the inputs' amplitudes in the place of a learned one: scale · ln(max(rms, 1e-3)) of each
 * lead, then zeros. On the CPU alone.
 */
public final class LogRmsOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public LogRmsOp(Arena arena) {
    super(arena, pcd_log_rms_desc.layout());
  }

  /** What brings h to the order of 1. */
  public LogRmsOp scale(float factor) {
    pcd_log_rms_desc.scale(descriptor(), factor);
    return this;
  }

  /** Input: F32 [B, L, n], standardised. */
  public LogRmsOp input(Tensor tensor) {
    put(pcd_log_rms_desc.input$offset(), tensor);
    return this;
  }

  /** H: F32 [B, C], C at least n; written. */
  public LogRmsOp h(Tensor tensor) {
    put(pcd_log_rms_desc.h$offset(), tensor);
    return this;
  }

  /** Computes h. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_log_rms);
  }
}
