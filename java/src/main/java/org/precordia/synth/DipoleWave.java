// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

/**
 * One Gaussian of the cardiac dipole: a vector in Frank's coordinates (x to the left, y to the
 * feet, z to the back, mV) whose size follows a Gaussian around a moment of the beat, as in Sameni
 * et al., <i>Multichannel ECG and noise modeling</i>, EURASIP J. Adv. Signal Process. 2007. Each
 * wave stands for the activation or recovery of one region, so its three components share moment
 * and width. Rise and fall may differ in width, since a T wave falls faster than it rises.
 *
 * <p>Beside the dipole a wave may carry a near field: what a chest electrode just above the region
 * sees in addition, decaying with the distance along the chest. That is the part of a precordial
 * lead which no linear map of the other leads can give.
 */
final class DipoleWave {
  /** How a wave moves when the heart rate changes. */
  enum Kind {
    /** Atrial depolarisation: PR shortens a little with the RR interval. */
    P,
    /** Ventricular depolarisation: independent of the RR interval. */
    QRS,
    /**
     * ST segment and repolarisation: stretched with the square root of the RR interval (Bazett).
     */
    T
  }

  /** From R to where repolarisation begins; this part of the beat is not stretched, in seconds. */
  private static final double UNSTRETCHED = 0.04;

  /** Beyond this many widths a Gaussian is below 4e-6 of its peak and is left out. */
  private static final double REACH = 5;

  final Kind kind;

  /** Moment of the peak relative to R at RR = 1 s, in seconds. */
  double centre;

  /** Standard deviations before and after the peak at RR = 1 s, in seconds. */
  double rise;

  double fall;

  double x;
  double y;
  double z;

  /** Near field in mV straight above the region. */
  double near;

  /** Place of the region along the chest; 1 to 6 are the sites of V1 to V6. */
  double region = 3;

  /** Standard deviation of the near field along the chest, in electrode distances. */
  double spread = 1;

  DipoleWave(Kind kind, double centre, double rise, double fall, double x, double y, double z) {
    this.kind = kind;
    this.centre = centre;
    this.rise = rise;
    this.fall = fall;
    this.x = x;
    this.y = y;
    this.z = z;
  }

  DipoleWave nearField(double millivolts, double place, double width) {
    near = millivolts;
    region = place;
    spread = width;
    return this;
  }

  /** Adds a vector to the wave. */
  DipoleWave add(double dx, double dy, double dz) {
    x += dx;
    y += dy;
    z += dz;
    return this;
  }

  /** Scales vector and near field. */
  DipoleWave scale(double factor) {
    x *= factor;
    y *= factor;
    z *= factor;
    near *= factor;
    return this;
  }

  /** Moves the peak to {@code seconds} and sets both widths. */
  DipoleWave retime(double seconds, double width) {
    centre = seconds;
    rise = width;
    fall = width;
    return this;
  }

  /**
   * How much the wave is stretched in time in a beat that follows an RR interval of {@code rr} s.
   */
  double stretch(double rr) {
    return switch (kind) {
      case P -> 0.75 + 0.25 * StrictMath.sqrt(rr);
      case QRS -> 1;
      case T -> StrictMath.sqrt(rr);
    };
  }

  /**
   * The peak's moment relative to R in a beat that follows an RR interval of {@code rr} seconds.
   */
  double centre(double rr) {
    return kind == Kind.T
        ? UNSTRETCHED + (centre - UNSTRETCHED) * stretch(rr)
        : centre * stretch(rr);
  }

  /** The first moment, relative to R, at which the wave is not negligible. */
  double begin(double rr) {
    return centre(rr) - REACH * rise * stretch(rr);
  }

  /** The last moment, relative to R, at which the wave is not negligible. */
  double end(double rr) {
    return centre(rr) + REACH * fall * stretch(rr);
  }

  /** Size of the wave, 1 at its peak, {@code time} seconds after R. */
  double shape(double time, double rr) {
    double distance = time - centre(rr);
    double width = (distance < 0 ? rise : fall) * stretch(rr);
    double u = distance / width;
    return StrictMath.exp(-0.5 * u * u);
  }
}
