// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import org.precordia.signal.Philox;

/**
 * Which samples of a record a gather may read for a window, beside those of the window itself.
 *
 * @param freeCrop whether the window's start is drawn and that of the index ignored
 * @param margin samples before and behind the window
 */
public record WindowReach(boolean freeCrop, int margin) {
  /** The window alone. */
  public static final WindowReach EXACT = new WindowReach(false, 0);

  // Box–Muller of uniforms of 32 bits gives no normal beyond sqrt(2 · 33 · ln 2).
  private static final double LARGEST_NORMAL = 6.77;

  // One sample before and two behind a position make a cubic; one for the rounding of exp.
  private static final int AROUND_A_POSITION = 3;

  private static final int WHOLE_WINDOW = 255;

  /**
   * The reach of an augmentation.
   *
   * @param shift largest shift in samples
   * @param stretchProbability probability of a time stretch
   * @param stretchSd deviation of the logarithm of the stretch
   * @param window samples of a window
   */
  public static WindowReach of(
      boolean freeCrop, int shift, double stretchProbability, double stretchSd, int window) {
    int margin = shift;
    if (stretchProbability > 0 && stretchSd > 0) {
      double beyond = 0.5 * window * (Math.exp(stretchSd * LARGEST_NORMAL) - 1);
      margin += (int) Math.min(Math.ceil(beyond) + AROUND_A_POSITION, Integer.MAX_VALUE / 4.0);
    }
    return new WindowReach(freeCrop, margin);
  }

  /**
   * First sample of a window before it is shifted, as the gather draws it.
   *
   * @param indexed start that the index names
   * @param entry place of the window in its index
   * @param length samples of the record
   * @param window samples of the window
   */
  int start(int indexed, long seed, long epoch, int view, long entry, int length, int window) {
    if (!freeCrop) {
      return indexed;
    }
    int[] words = {(int) entry, (int) epoch, view << 8 | WHOLE_WINDOW, 0};
    Philox.block((int) seed, (int) (seed >>> 32), words);
    double uniform = (Integer.toUnsignedLong(words[0]) + 0.5) * 0x1p-32;
    return (int) (uniform * (Math.max(length - window, 0) + 1));
  }

  /** Most samples of a record that a window may need. */
  int capacity(int window, int longestRecord) {
    return (int) Math.min(window + 2L * margin, longestRecord);
  }
}
