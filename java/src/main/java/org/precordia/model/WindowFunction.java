// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

/** Reconstructs windows without a network. */
public interface WindowFunction {
  /**
   * Target leads of some windows.
   *
   * @param inputs standardised inputs, [windows, L, n]
   * @param windows number of windows
   * @return target leads in mV, [windows, L, T]
   */
  float[] reconstruct(float[] inputs, int windows);
}
