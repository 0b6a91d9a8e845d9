// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_step_begin_desc;

/**
 * First op of a step: advances the step state's step, cursor and β powers and writes the rate.
 *
 * <p>Schedules are those of {@code pcd_step_begin_desc}: constant, one-cycle (Smith &amp; Topin
 * 2018) and held-then-cosine.
 */
public final class StepBeginOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public StepBeginOp(Arena arena) {
    super(arena, pcd_step_begin_desc.layout());
  }

  /** Form of the learning rate over the steps. */
  public StepBeginOp schedule(Schedule schedule) {
    pcd_step_begin_desc.schedule(descriptor(), schedule.code());
    return this;
  }

  /** Highest learning rate. */
  public StepBeginOp peak(float value) {
    pcd_step_begin_desc.peak(descriptor(), value);
    return this;
  }

  /** Rate at {@code total}, cosine only. */
  public StepBeginOp finalRate(float value) {
    pcd_step_begin_desc.final_rate(descriptor(), value);
    return this;
  }

  /** Steps of warm-up (one-cycle) or of constant rate (cosine). */
  public StepBeginOp warmup(long value) {
    pcd_step_begin_desc.warmup(descriptor(), value);
    return this;
  }

  /** Steps of the whole schedule. */
  public StepBeginOp total(long value) {
    pcd_step_begin_desc.total(descriptor(), value);
    return this;
  }

  /** Index entries that a step consumes, over all chunks. */
  public StepBeginOp batch(long value) {
    pcd_step_begin_desc.batch(descriptor(), value);
    return this;
  }

  /** Β₁ of AdamW. */
  public StepBeginOp beta1(double value) {
    pcd_step_begin_desc.beta1(descriptor(), value);
    return this;
  }

  /** Β₂ of AdamW. */
  public StepBeginOp beta2(double value) {
    pcd_step_begin_desc.beta2(descriptor(), value);
    return this;
  }

  /** State: U8 [{@link StepState#BYTES}]. */
  public StepBeginOp state(Tensor tensor) {
    put(pcd_step_begin_desc.state$offset(), tensor);
    return this;
  }

  /** Advances the state. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_step_begin);
  }
}
