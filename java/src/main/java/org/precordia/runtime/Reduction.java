// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import org.precordia.bindings.Precordia;

/** What becomes of the ranks' values. */
public enum Reduction {
  /** Their sum. */
  SUM(Precordia.PCD_REDUCE_SUM()),
  /** Their mean; of floating types alone. */
  MEAN(Precordia.PCD_REDUCE_MEAN());

  private final int code;

  Reduction(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
