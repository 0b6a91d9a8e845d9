// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Locale;

/** Where the vector h comes from that modulates the waveform. */
public enum Conditioning {
  /** The pathology branch: the model. */
  EMBEDDING,
  /** Log root mean squares of the inputs, nothing learned: a control. */
  AMPLITUDE,
  /** There is no h, and no modulation: the control "no h". */
  NONE;

  /** The name in files. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
