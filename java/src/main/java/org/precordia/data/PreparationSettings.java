// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import org.precordia.signal.Preprocessing;
import org.precordia.signal.Preprocessor;

/**
 * How a data set is prepared.
 *
 * @param preset what is done to the signals
 * @param rate sampling rate of the shard in Hz
 * @param policy which statements count as labels
 * @param onBadRecord what a record that cannot be used leads to
 * @param threads records worked on at once
 * @param partBytes samples of a file in bytes, from which on another one is begun; 0: one file
 * @param command the command that asked for it, kept in the provenance
 */
public record PreparationSettings(
    Preprocessing preset,
    double rate,
    LabelPolicy policy,
    OnBadRecord onBadRecord,
    int threads,
    long partBytes,
    String command) {

  /** What a record that cannot be used leads to. */
  public enum OnBadRecord {
    /** It is reported and left out. */
    SKIP,
    /** The preparation stops with its error and leaves nothing behind. */
    FAIL
  }

  public PreparationSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("needs at least one thread, was " + threads);
    }
    if (partBytes < 0) {
      throw new IllegalArgumentException("a file's size must not be negative, was " + partBytes);
    }
  }

  /** Preset {@code default}, 100 Hz, default labels, bad records skipped, all processors. */
  public static PreparationSettings defaults() {
    return new PreparationSettings(
        Preprocessing.DEFAULT,
        Preprocessor.DEFAULT_RATE,
        LabelPolicy.DEFAULT,
        OnBadRecord.SKIP,
        Runtime.getRuntime().availableProcessors(),
        0,
        "");
  }

  /** The same with another preset. */
  public PreparationSettings with(Preprocessing preset) {
    return new PreparationSettings(preset, rate, policy, onBadRecord, threads, partBytes, command);
  }

  /** The same with other labels. */
  public PreparationSettings with(LabelPolicy policy) {
    return new PreparationSettings(preset, rate, policy, onBadRecord, threads, partBytes, command);
  }

  /** The same with another treatment of bad records. */
  public PreparationSettings with(OnBadRecord onBadRecord) {
    return new PreparationSettings(preset, rate, policy, onBadRecord, threads, partBytes, command);
  }

  /** The same with another number of threads. */
  public PreparationSettings withThreads(int threads) {
    return new PreparationSettings(preset, rate, policy, onBadRecord, threads, partBytes, command);
  }

  /** The same into a folder of files of so many bytes of samples, or into one file for 0. */
  public PreparationSettings withPartBytes(long partBytes) {
    return new PreparationSettings(preset, rate, policy, onBadRecord, threads, partBytes, command);
  }

  /** The same with the command that asked for it. */
  public PreparationSettings withCommand(String command) {
    return new PreparationSettings(preset, rate, policy, onBadRecord, threads, partBytes, command);
  }
}
