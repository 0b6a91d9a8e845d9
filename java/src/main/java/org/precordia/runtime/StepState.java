// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.precordia.bindings.pcd_step_state;

/**
 * A host copy of the values that change from step to step. The device's copy is read by every op of
 * a step and advanced by {@link StepBeginOp}; the host writes it before a run, an epoch or a
 * resume.
 */
public final class StepState {
  /** Size of the device's copy in bytes. */
  public static final long BYTES = pcd_step_state.sizeof();

  private final MemorySegment struct;

  private StepState(MemorySegment struct) {
    this.struct = struct;
  }

  /**
   * The state before the first step: loss weights 1, rate scale 1.
   *
   * @param seed key of all random numbers of a run
   */
  public static StepState initial(long seed) {
    StepState state = of(new byte[(int) BYTES]);
    pcd_step_state.seed(state.struct, seed);
    pcd_step_state.beta1_power(state.struct, 1);
    pcd_step_state.beta2_power(state.struct, 1);
    pcd_step_state.rate_scale(state.struct, 1);
    return state.weights(1, 1, 1);
  }

  /** The state that {@link #bytes} gave. */
  public static StepState of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a step state has %d bytes, not %d".formatted(BYTES, bytes.length));
    }
    MemorySegment struct = Arena.ofAuto().allocate(pcd_step_state.layout());
    MemorySegment.copy(bytes, 0, struct, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return new StepState(struct);
  }

  /** Reads the device's copy; waits for the stream. */
  public static StepState download(Stream stream, Tensor tensor) {
    return of(tensor.byteValues(stream));
  }

  /** Writes the device's copy. */
  public void upload(Stream stream, Tensor tensor) {
    tensor.upload(stream, struct);
  }

  /** All fields as bytes. */
  public byte[] bytes() {
    return struct.toArray(ValueLayout.JAVA_BYTE);
  }

  /** Number of the step last begun, from 1. */
  public long step() {
    return pcd_step_state.step(struct);
  }

  /** Key of all random numbers. */
  public long seed() {
    return pcd_step_state.seed(struct);
  }

  /** The epoch, a word of every random counter. */
  public long epoch() {
    return pcd_step_state.epoch(struct);
  }

  /** Updates skipped so far because the gradient's norm was not finite. */
  public int nonFinite() {
    return pcd_step_state.non_finite(struct);
  }

  /** Factor on the scheduled rate. */
  public float rateScale() {
    return pcd_step_state.rate_scale(struct);
  }

  /** Sets the factor on the scheduled rate. */
  public StepState rateScale(float factor) {
    pcd_step_state.rate_scale(struct, factor);
    return this;
  }

  /** Sets the weights of the three losses. */
  public StepState weights(float reconstruction, float contrastive, float classifier) {
    pcd_step_state.weight_reconstruction(struct, reconstruction);
    pcd_step_state.weight_contrastive(struct, contrastive);
    pcd_step_state.weight_classifier(struct, classifier);
    return this;
  }

  /**
   * Sets the epoch and puts the cursor before its first batch.
   *
   * @param epoch number of the epoch
   * @param batch index entries that a step consumes
   */
  public StepState beginEpoch(long epoch, long batch) {
    pcd_step_state.epoch(struct, epoch);
    pcd_step_state.cursor(struct, -batch);
    return this;
  }

  /** Sets epoch and cursor for ops that run without {@link StepBeginOp}. */
  public StepState position(long epoch, long cursor) {
    pcd_step_state.epoch(struct, epoch);
    pcd_step_state.cursor(struct, cursor);
    return this;
  }
}
