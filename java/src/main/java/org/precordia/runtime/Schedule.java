// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import org.precordia.bindings.Precordia;

/** Form of the learning rate over the steps of a run. */
public enum Schedule {
  /** The peak rate throughout. */
  CONSTANT(Precordia.PCD_SCHEDULE_CONSTANT()),
  /**
   * Cosine from peak/25 to the peak over the warm-up, then to peak/25e4 (Smith &amp; Topin 2018).
   */
  ONE_CYCLE(Precordia.PCD_SCHEDULE_ONE_CYCLE()),
  /** The peak rate for the warm-up, then cosine to the final rate. */
  COSINE(Precordia.PCD_SCHEDULE_COSINE());

  private final int code;

  Schedule(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
