// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

/**
 * Channels of a U-Net's levels: C/2, C/2, C, C and 2C, doubled at every second level, which gives
 * it about as many parameters as the model of the same C.
 *
 * @param width C of the model it is compared with
 */
record UNetShape(int width) {
  /** Halvings of the rate. */
  static final int LEVELS = ParameterGroup.levels().size();

  /** Samples that one level makes one of, and the step of its convolutions. */
  static final int STRIDE = 2;

  /** Taps on the way down, one more than a step on either side. */
  static final int DOWN_TAPS = 4;

  static final int DOWN_PADDING = 1;

  /** Taps on the way up: each sample makes two. */
  static final int UP_TAPS = 2;

  /** Directions of the LSTM at the bottom. */
  static final int DIRECTIONS = 2;

  /** Channels at a level, 0 at the full rate. */
  int width(int level) {
    return (width / 2) << (level / 2);
  }

  /** Channels at the lowest rate. */
  int bottomWidth() {
    return width(LEVELS);
  }

  /** Samples at a level of a window of {@code samples}. */
  static int length(int samples, int level) {
    return samples >> level;
  }
}
