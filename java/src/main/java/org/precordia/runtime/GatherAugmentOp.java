// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_gather_augment_desc;

/**
 * Builds a batch from stored int16 records: windows, augmentation, lead mixes, standardised inputs
 * and targets in mV (docs/training.md; Philox4x32-10 counters as in the header).
 */
public final class GatherAugmentOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public GatherAugmentOp(Arena arena) {
    super(arena, pcd_gather_augment_desc.layout());
  }

  /** Draws each window's start uniformly over its record instead of taking the index's. */
  public GatherAugmentOp freeCrop(boolean on) {
    flag(pcd_gather_augment_desc.flags$offset(), Precordia.PCD_FLAG_FREE_CROP(), on);
    return this;
  }

  /** Joint z-score of each window's clean inputs, as in recipe {@code paper}. */
  public GatherAugmentOp normaliseWindow(boolean on) {
    flag(pcd_gather_augment_desc.flags$offset(), Precordia.PCD_FLAG_NORMALISE_WINDOW(), on);
    return this;
  }

  /** 0 or 1: part of the random counter. */
  public GatherAugmentOp view(int value) {
    pcd_gather_augment_desc.view(descriptor(), value);
    return this;
  }

  /** Largest shift of a window's centre, in samples. */
  public GatherAugmentOp shift(int value) {
    pcd_gather_augment_desc.shift(descriptor(), value);
    return this;
  }

  /** First entry after the state's cursor. */
  public GatherAugmentOp batchOffset(long value) {
    pcd_gather_augment_desc.batch_offset(descriptor(), value);
    return this;
  }

  /** Deviation of the logarithm of the gain common to all leads. */
  public GatherAugmentOp gainSd(float value) {
    pcd_gather_augment_desc.gain_sd(descriptor(), value);
    return this;
  }

  /** Probability of a time stretch. */
  public GatherAugmentOp stretchProbability(float value) {
    pcd_gather_augment_desc.stretch_probability(descriptor(), value);
    return this;
  }

  /** Deviation of the logarithm of the stretch. */
  public GatherAugmentOp stretchSd(float value) {
    pcd_gather_augment_desc.stretch_sd(descriptor(), value);
    return this;
  }

  /** Deviation of the logarithm of each input lead's own gain. */
  public GatherAugmentOp leadGainSd(float value) {
    pcd_gather_augment_desc.lead_gain_sd(descriptor(), value);
    return this;
  }

  /** Noise on the inputs in mV, before standardisation. */
  public GatherAugmentOp noiseMv(float value) {
    pcd_gather_augment_desc.noise_mv(descriptor(), value);
    return this;
  }

  /** Noise on the inputs in standardised units. */
  public GatherAugmentOp noiseSd(float value) {
    pcd_gather_augment_desc.noise_sd(descriptor(), value);
    return this;
  }

  /** Probability that an input lead is 0 in a whole window. */
  public GatherAugmentOp dropout(float value) {
    pcd_gather_augment_desc.dropout(descriptor(), value);
    return this;
  }

  /** ΜV a stored count stands for. */
  public GatherAugmentOp microvoltPerCount(float value) {
    pcd_gather_augment_desc.microvolt_per_count(descriptor(), value);
    return this;
  }

  /** State: the step state. */
  public GatherAugmentOp state(Tensor tensor) {
    put(pcd_gather_augment_desc.state$offset(), tensor);
    return this;
  }

  /** Samples: I16 [S]: records, each lead-major [8, length]. */
  public GatherAugmentOp samples(Tensor tensor) {
    put(pcd_gather_augment_desc.samples$offset(), tensor);
    return this;
  }

  /** Records: I64 [R, 2]: offset in samples, length. */
  public GatherAugmentOp records(Tensor tensor) {
    put(pcd_gather_augment_desc.records$offset(), tensor);
    return this;
  }

  /** Record labels: U64 [R, W]; may be absent. */
  public GatherAugmentOp recordLabels(Tensor tensor) {
    put(pcd_gather_augment_desc.record_labels$offset(), tensor);
    return this;
  }

  /** Index: I32 [E, 2]: record, start. */
  public GatherAugmentOp index(Tensor tensor) {
    put(pcd_gather_augment_desc.index$offset(), tensor);
    return this;
  }

  /** Input mix: F32 [n, 8]: inputs as mixes of the stored leads. */
  public GatherAugmentOp inputMix(Tensor tensor) {
    put(pcd_gather_augment_desc.input_mix$offset(), tensor);
    return this;
  }

  /** Target mix: F32 [T, 8]; absent without targets. */
  public GatherAugmentOp targetMix(Tensor tensor) {
    put(pcd_gather_augment_desc.target_mix$offset(), tensor);
    return this;
  }

  /** Mean: F32 [n] mV. */
  public GatherAugmentOp mean(Tensor tensor) {
    put(pcd_gather_augment_desc.mean$offset(), tensor);
    return this;
  }

  /** Deviation: F32 [n] mV. */
  public GatherAugmentOp deviation(Tensor tensor) {
    put(pcd_gather_augment_desc.deviation$offset(), tensor);
    return this;
  }

  /** Inputs: F32 [B, L, n], standardised; written. */
  public GatherAugmentOp inputs(Tensor tensor) {
    put(pcd_gather_augment_desc.inputs$offset(), tensor);
    return this;
  }

  /** Targets: F32 [B, L, T] mV; written. */
  public GatherAugmentOp targets(Tensor tensor) {
    put(pcd_gather_augment_desc.targets$offset(), tensor);
    return this;
  }

  /** Labels: U64 [B, W]; written. */
  public GatherAugmentOp labels(Tensor tensor) {
    put(pcd_gather_augment_desc.labels$offset(), tensor);
    return this;
  }

  /** Groups: I32 [B], equal for the views of one window; written. */
  public GatherAugmentOp groups(Tensor tensor) {
    put(pcd_gather_augment_desc.groups$offset(), tensor);
    return this;
  }

  /**
   * Excerpts: I64 [B, 3]: where each row's part of its record lies in the samples, its first sample
   * and their number; absent when the samples hold whole records.
   */
  public GatherAugmentOp excerpts(Tensor tensor) {
    put(pcd_gather_augment_desc.excerpts$offset(), tensor);
    return this;
  }

  /** Builds the batch. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_gather_augment);
  }
}
