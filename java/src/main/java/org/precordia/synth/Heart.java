// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.precordia.signal.Philox;

/**
 * The electrical source of one patient: the dipole's Gaussians for atria, the five phases of
 * ventricular activation, and recovery, drawn around a normal heart and then changed by the
 * patient's pathologies. Amplitudes are mV in Frank's coordinates; moments are seconds from R.
 */
final class Heart {
  /** Leftward force of the average free wall, in mV. */
  static final double FREE_WALL_X = 1.08;

  final DipoleWave rightAtrium;
  final DipoleWave leftAtrium;
  final DipoleWave septal;
  final DipoleWave anterior;
  final DipoleWave freeWall;
  final DipoleWave posterior;
  final DipoleWave basal;
  final DipoleWave earlyRecovery;
  final DipoleWave recovery;

  private final List<DipoleWave> waves = new ArrayList<>();

  /**
   * Draws a heart.
   *
   * @param pathologies what the patient has; empty is a normal heart
   * @param voltage factor on all amplitudes, from sex and age
   * @param random the patient's stream for morphology
   */
  Heart(Set<Pathology> pathologies, double voltage, Philox random) {
    double delay = random.normal(0, 0.014);
    rightAtrium = add(DipoleWave.Kind.P, -0.158 - delay, 0.018, 0.018, 0.035, 0.080, -0.030);
    leftAtrium = add(DipoleWave.Kind.P, -0.128 - delay, 0.020, 0.020, 0.065, 0.050, 0.025);
    septal = add(DipoleWave.Kind.QRS, -0.024, 0.0075, 0.0075, -0.15, -0.05, -0.20);
    anterior =
        add(DipoleWave.Kind.QRS, -0.010, 0.0085, 0.0085, 0.30, 0.16, -0.26)
            .nearField(0.36, 3.1, 0.8);
    freeWall =
        add(DipoleWave.Kind.QRS, 0.002, 0.0095, 0.0095, FREE_WALL_X, 0.46, 0.22)
            .nearField(0.40, 4.3, 0.8);
    posterior =
        add(DipoleWave.Kind.QRS, 0.018, 0.0100, 0.0100, 0.26, 0.10, 0.62)
            .nearField(-0.50, 2.8, 0.8);
    basal = add(DipoleWave.Kind.QRS, 0.034, 0.0085, 0.0085, -0.12, -0.10, 0.16);
    double recoveryAt = random.normal(0.285, 0.012);
    earlyRecovery = add(DipoleWave.Kind.T, recoveryAt - 0.085, 0.055, 0.045, 0.070, 0.045, -0.055);
    recovery =
        add(DipoleWave.Kind.T, recoveryAt, 0.050, 0.034, 0.30, 0.19, -0.17)
            .nearField(0.13, 3.4, 1.2);
    add(DipoleWave.Kind.T, recoveryAt + 0.150, 0.030, 0.034, 0.008, 0.006, -0.018)
        .scale(random.uniform(0, 1.5));

    vary(random);
    for (Pathology pathology : Pathology.values()) {
      if (pathologies.contains(pathology)) {
        pathology.apply(this, random.uniform(0.6, 1.3), random);
      }
    }
    for (DipoleWave wave : waves) {
      wave.scale(voltage);
    }
  }

  /** All waves of a beat. */
  List<DipoleWave> waves() {
    return waves;
  }

  DipoleWave add(
      DipoleWave.Kind kind, double centre, double rise, double fall, double x, double y, double z) {
    DipoleWave wave = new DipoleWave(kind, centre, rise, fall, x, y, z);
    waves.add(wave);
    return wave;
  }

  /** Replaces the vector of a wave. */
  void set(DipoleWave wave, double x, double y, double z) {
    wave.x = x;
    wave.y = y;
    wave.z = z;
  }

  /** What differs between normal hearts: size, direction, duration and near field of each wave. */
  private void vary(Philox random) {
    double ventricles = 0.95 * random.factor(0.16);
    double duration = random.factor(0.07);
    double atria = random.factor(0.25);
    double repolarisation = random.factor(0.25);
    for (DipoleWave wave : waves) {
      double size =
          switch (wave.kind) {
            case P -> atria;
            case QRS -> ventricles;
            case T -> repolarisation;
          };
      double length = StrictMath.sqrt(wave.x * wave.x + wave.y * wave.y + wave.z * wave.z);
      double bend = (wave.kind == DipoleWave.Kind.QRS ? 0.22 : 0.13) * length;
      wave.add(random.normal(0, bend), random.normal(0, bend), random.normal(0, bend));
      wave.scale(size * random.factor(0.10));
      wave.near *= random.factor(0.55);
      wave.region += random.normal(0, 0.30);
      if (wave.kind == DipoleWave.Kind.QRS) {
        wave.centre *= duration;
        wave.rise *= duration * random.factor(0.06);
        wave.fall = wave.rise;
      }
    }
  }
}
