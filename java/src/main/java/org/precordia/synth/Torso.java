// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import org.precordia.signal.Philox;

/**
 * How one patient's body carries the cardiac dipole to the eight independent leads I, II, V1 to V6:
 * the anatomical nuisance. A random lead field around the transform of Dower, Machado and Osborne,
 * <i>On deriving the electrocardiogram from vectorcardiographic leads</i>, Clin. Cardiol. 1980.
 *
 * <p>Four things differ between patients: the heart lies rotated in the chest; the chest electrodes
 * sit shifted along the chest and up or down, so that neighbouring leads mix; the chest wall lets
 * more or less through, most where it is close to the heart; and each lead vector has an error of
 * its own. Rotation alters what all leads show; only the others alter how leads depend on each
 * other.
 */
final class Torso {
  /** Number of independent leads. */
  static final int LEADS = 8;

  /** Index of V1 among the independent leads. */
  static final int FIRST_CHEST = 2;

  /** Dower's lead vectors of I and II (x, y, z). */
  private static final double[][] LIMBS = {{0.632, -0.235, 0.059}, {0.235, 1.066, -0.132}};

  /**
   * Lead vectors along the chest: Dower's V1 to V6 at places 1 to 6; places 0 (right of the
   * sternum) and 7 (posterior axillary line) continue them smoothly.
   */
  private static final double[][] CHEST = {
    {-0.760, 0.140, -0.420},
    {-0.515, 0.157, -0.917},
    {0.044, 0.164, -1.387},
    {0.882, 0.098, -1.277},
    {1.213, 0.127, -0.601},
    {1.125, 0.127, -0.086},
    {0.831, 0.076, 0.230},
    {0.500, 0.050, 0.420},
  };

  private final double[][] field = new double[LEADS][3];
  private final double[] place = new double[LEADS - FIRST_CHEST];
  private final double[] chestGain = new double[LEADS - FIRST_CHEST];
  private final double[][] rotation;

  /**
   * Draws a torso and the electrodes' positions of one recording.
   *
   * @param anatomy the patient's stream
   * @param placement the recording's stream: electrodes are glued on anew each time
   */
  Torso(Philox anatomy, Philox placement) {
    rotation = rotation(anatomy.normal(0, 0.28), anatomy.normal(0, 0.18), anatomy.normal(0, 0.14));
    double shift = anatomy.normal(0, 0.50) + placement.normal(0, 0.10);
    double height = anatomy.normal(0, 0.70) + placement.normal(0, 0.15);
    double wall = anatomy.normal(0, 0.21);
    double limbGain = anatomy.factor(0.10);
    for (int limb = 0; limb < FIRST_CHEST; limb++) {
      for (int axis = 0; axis < 3; axis++) {
        field[limb][axis] = limbGain * (LIMBS[limb][axis] + anatomy.normal(0, 0.08));
      }
    }
    for (int i = 0; i < place.length; i++) {
      place[i] = i + 1 + shift + anatomy.normal(0, 0.25) + placement.normal(0, 0.08);
      double up = height + anatomy.normal(0, 0.25);
      double[] vector = chestVector(place[i]);
      // The nearer the heart, the more the wall's thickness matters; V3 lies nearest.
      double nearness = 1 - 0.12 * StrictMath.abs(place[i] - 3.2);
      chestGain[i] =
          StrictMath.exp(wall * nearness + anatomy.normal(0, 0.08)) / (1 + 0.06 * up * up);
      for (int axis = 0; axis < 3; axis++) {
        double tilt = axis == 1 ? 0.24 * up : 0;
        field[FIRST_CHEST + i][axis] =
            chestGain[i] * (vector[axis] + tilt + anatomy.normal(0, 0.17));
      }
    }
  }

  /**
   * Potentials of a wave's peak in the eight leads.
   *
   * @param wave the wave
   * @param tilt rotation of the heart by breathing in the frontal plane, radians
   * @param millivolts receives the eight leads' amplitudes in mV
   */
  void project(DipoleWave wave, double tilt, double[] millivolts) {
    double cosine = StrictMath.cos(tilt);
    double sine = StrictMath.sin(tilt);
    double tx = cosine * wave.x - sine * wave.y;
    double ty = sine * wave.x + cosine * wave.y;
    double[][] r = rotation;
    double x = r[0][0] * tx + r[0][1] * ty + r[0][2] * wave.z;
    double y = r[1][0] * tx + r[1][1] * ty + r[1][2] * wave.z;
    double z = r[2][0] * tx + r[2][1] * ty + r[2][2] * wave.z;
    for (int lead = 0; lead < LEADS; lead++) {
      millivolts[lead] = field[lead][0] * x + field[lead][1] * y + field[lead][2] * z;
    }
    if (wave.near != 0) {
      for (int i = 0; i < place.length; i++) {
        double distance = (place[i] - wave.region) / wave.spread;
        millivolts[FIRST_CHEST + i] +=
            chestGain[i] * wave.near * StrictMath.exp(-0.5 * distance * distance);
      }
    }
  }

  /** Lead vector at a place along the chest: Catmull–Rom through the table. */
  private static double[] chestVector(double place) {
    double clamped = StrictMath.max(0, StrictMath.min(CHEST.length - 1, place));
    int left = StrictMath.min((int) clamped, CHEST.length - 2);
    double u = clamped - left;
    double[] before = CHEST[StrictMath.max(left - 1, 0)];
    double[] from = CHEST[left];
    double[] to = CHEST[left + 1];
    double[] after = CHEST[StrictMath.min(left + 2, CHEST.length - 1)];
    double[] vector = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      double a = -before[axis] + 3 * from[axis] - 3 * to[axis] + after[axis];
      double b = 2 * before[axis] - 5 * from[axis] + 4 * to[axis] - after[axis];
      double c = to[axis] - before[axis];
      vector[axis] = from[axis] + 0.5 * u * (c + u * (b + u * a));
    }
    return vector;
  }

  /**
   * Rotation by angles (radians) in the frontal (x, y), transverse (x, z), sagittal (y, z) plane.
   */
  private static double[][] rotation(double frontal, double transverse, double sagittal) {
    return multiply(plane(0, 1, frontal), multiply(plane(0, 2, transverse), plane(1, 2, sagittal)));
  }

  private static double[][] plane(int first, int second, double angle) {
    double[][] matrix = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    matrix[first][first] = StrictMath.cos(angle);
    matrix[second][second] = StrictMath.cos(angle);
    matrix[first][second] = -StrictMath.sin(angle);
    matrix[second][first] = StrictMath.sin(angle);
    return matrix;
  }

  private static double[][] multiply(double[][] a, double[][] b) {
    double[][] product = new double[3][3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        for (int k = 0; k < 3; k++) {
          product[row][column] += a[row][k] * b[k][column];
        }
      }
    }
    return product;
  }
}
