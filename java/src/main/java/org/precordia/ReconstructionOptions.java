// SPDX-License-Identifier: Apache-2.0
package org.precordia;

/**
 * What a reconstruction makes of a recording.
 *
 * @param filtered whether measured leads too are given in the model's band, as the network sees
 *     them, instead of untouched
 * @param inputsOnly whether measured leads beyond the model's inputs are set aside and
 *     reconstructed like missing ones: to look at the model on a complete recording
 */
public record ReconstructionOptions(boolean filtered, boolean inputsOnly) {
  /** Measured leads untouched, only missing leads reconstructed. */
  public static final ReconstructionOptions DEFAULT = new ReconstructionOptions(false, false);
}
