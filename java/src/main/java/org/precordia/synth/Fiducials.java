// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

/**
 * Where the waves of a synthetic recording truly are, one entry a beat whose R peak lies in the
 * recording, in seconds from its begin. Moments that fall outside the recording (a QRS onset before
 * its first sample, a T peak after its last) are given all the same.
 *
 * <p>They are those of the eight independent leads together, or of one lead alone, whose QRS may
 * begin later and whose R may lie elsewhere.
 *
 * @param rPeak where the QRS is largest, as the root of the leads' squares
 * @param qrsOnset where any lead's QRS first exceeds {@value #QRS_THRESHOLD} mV; NaN for one lead
 *     that never does
 * @param jPoint where all leads' QRS have fallen below {@value #QRS_THRESHOLD} mV; NaN likewise
 * @param tPeak where ST segment and T wave are largest, as for R
 * @param tEnd where the tangent at the steepest fall after the T peak meets the baseline
 */
public record Fiducials(
    double[] rPeak, double[] qrsOnset, double[] jPoint, double[] tPeak, double[] tEnd) {
  /** A QRS complex lasts while one of its leads exceeds this many mV, noise not counted. */
  public static final double QRS_THRESHOLD = 0.03;

  public Fiducials {
    if (qrsOnset.length != rPeak.length
        || jPoint.length != rPeak.length
        || tPeak.length != rPeak.length
        || tEnd.length != rPeak.length) {
      throw new IllegalArgumentException("every beat needs R, QRS onset, J, T peak and T end");
    }
  }

  /** Number of beats. */
  public int beats() {
    return rPeak.length;
  }

  /** Duration of the QRS complex of a beat in seconds. */
  public double qrsDuration(int beat) {
    return jPoint[beat] - qrsOnset[beat];
  }
}
