// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.clinical;

import java.util.List;
import org.precordia.signal.BeatFiducials;

/**
 * The beats of a record that can be measured, and what the recorded leads have there.
 *
 * @param beats fiducials of the recorded lead II, each with a QRS onset
 * @param values {@code [measure][lead][beat]}; NaN where a beat has none
 * @param counts what became of the record's beats
 */
public record TrueBeats(List<BeatFiducials> beats, double[][][] values, Counts counts) {
  /**
   * What became of beats.
   *
   * @param measured beats with a level to measure from
   * @param atEdge dropped: within 0.7 s of an edge of what is reconstructed
   * @param withoutOnset dropped: lead II shows no QRS onset
   * @param withoutJ of those measured, beats without J, so without ST
   * @param withoutT of those measured, beats without T peak
   */
  public record Counts(int measured, int atEdge, int withoutOnset, int withoutJ, int withoutT) {
    /** No beats. */
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    /** The sum. */
    public Counts plus(Counts other) {
      return new Counts(
          measured + other.measured,
          atEdge + other.atEdge,
          withoutOnset + other.withoutOnset,
          withoutJ + other.withoutJ,
          withoutT + other.withoutT);
    }
  }
}
