// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

/** Where the samples of a data set lie while windows are gathered from them. Changes no result. */
public enum DataPlacement {
  /**
   * On the device while they take at most half of the memory that the context still may hold, on
   * the host otherwise. The CPU backend reads a mapped file in place; several stay on the host.
   */
  AUTO,
  /** On the device; on the CPU backend the mapped file itself, or a copy of several. */
  DEVICE,
  /** On the host: what a step reads is uploaded while the step before it runs. */
  HOST
}
