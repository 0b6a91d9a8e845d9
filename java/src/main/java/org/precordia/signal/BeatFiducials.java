// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

/**
 * Where the waves of one beat lie in one lead, in samples of the lead, between samples too. What
 * was not found is NaN.
 *
 * @param r the R peak that the beat was given by
 * @param qrsOnset begin of the QRS complex
 * @param j end of the QRS complex, the J point
 * @param tPeak the T wave's largest deflection
 * @param tEnd end of the T wave
 */
public record BeatFiducials(int r, double qrsOnset, double j, double tPeak, double tEnd) {
  /** Duration of the QRS complex in samples; NaN when one of its ends was not found. */
  public double qrsDuration() {
    return j - qrsOnset;
  }
}
