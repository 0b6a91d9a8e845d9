// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import org.precordia.model.WindowReach;
import org.precordia.runtime.GatherAugmentOp;

/**
 * How one view of a window is changed (docs/training.md). Amplitudes in mV act before
 * standardisation; common gain and stretch act on all leads alike and keep their relations.
 *
 * @param freeCrop draws the window's start uniformly over the record
 * @param centreOnBeat centres the window on an R peak where it has one
 * @param shift largest shift of the centre in samples
 * @param gainSd deviation of the logarithm of the common gain
 * @param stretchProbability probability of a time stretch
 * @param stretchSd deviation of the logarithm of the stretch
 * @param leadGainSd deviation of the logarithm of each input lead's own gain
 * @param noiseMv noise on the inputs in mV
 * @param noiseSd noise on the inputs in standardised units
 * @param dropout probability that an input lead is 0
 */
public record Augmentation(
    boolean freeCrop,
    boolean centreOnBeat,
    int shift,
    double gainSd,
    double stretchProbability,
    double stretchSd,
    double leadGainSd,
    double noiseMv,
    double noiseSd,
    double dropout) {

  /** For reconstruction: common gain, stretch, free crop and a little noise on the inputs. */
  public static final Augmentation RECONSTRUCTION =
      new Augmentation(true, false, 0, 0.12, 0.5, 0.08, 0, 0, 0.02, 0);

  /** First view for contrast: weaker, on a beat. */
  public static final Augmentation FIRST_VIEW =
      new Augmentation(false, true, 4, 0.12, 0.5, 0.08, 0.05, 0.01, 0.02, 0.08);

  /** Second view for contrast: stronger, anywhere. */
  public static final Augmentation SECOND_VIEW =
      new Augmentation(false, false, 8, 0.12, 0.5, 0.08, 0.08, 0.01, 0.02, 0.1);

  public Augmentation {
    if (shift < 0) {
      throw new IllegalArgumentException("shift must not be negative, was " + shift);
    }
    requireNotNegative("gainSd", gainSd);
    requireNotNegative("stretchSd", stretchSd);
    requireNotNegative("leadGainSd", leadGainSd);
    requireNotNegative("noiseMv", noiseMv);
    requireNotNegative("noiseSd", noiseSd);
    requireProbability("stretchProbability", stretchProbability);
    requireProbability("dropout", dropout);
  }

  private static void requireNotNegative(String name, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(name + " must not be negative, was " + value);
    }
  }

  private static void requireProbability(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must lie in [0, 1], was " + value);
    }
  }

  /** Which samples a gather with these amplitudes may read for a window of some length. */
  WindowReach reach(int window) {
    return WindowReach.of(freeCrop, shift, stretchProbability, stretchSd, window);
  }

  /** Sets a gather's amplitudes. */
  void apply(GatherAugmentOp gather) {
    gather
        .freeCrop(freeCrop)
        .shift(shift)
        .gainSd((float) gainSd)
        .stretchProbability((float) stretchProbability)
        .stretchSd((float) stretchSd)
        .leadGainSd((float) leadGainSd)
        .noiseMv((float) noiseMv)
        .noiseSd((float) noiseSd)
        .dropout((float) dropout);
  }
}
