// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import org.precordia.signal.Philox;

/**
 * Disturbances at the nine electrodes RA, LA, LL and V1 to V6, in mV: baseline wander from
 * breathing and from drifting contacts, and the noise of muscles, which comes in bursts. It is
 * added to electrode potentials, so that every lead formed from them obeys Einthoven and Wilson.
 * Mains hum is left out: recorders remove it.
 */
final class ElectrodeNoise {
  private static final int LIMBS = 3;
  private static final int ELECTRODES = LIMBS + Torso.LEADS - Torso.FIRST_CHEST;
  private static final int DRIFTS = 4;

  /** Muscle noise fills the spectrum up to here, in Hz. */
  private static final double MUSCLE_BAND = 100;

  private ElectrodeNoise() {}

  /**
   * Adds noise to the eight independent leads.
   *
   * @param leads I, II, V1 to V6 in mV, {@code [lead][time]}
   * @param rate sampling rate in Hz
   * @param rhythm the recording's breathing
   * @param scale factor on all noise; 0 adds none
   * @param random the recording's stream for noise
   */
  static void add(double[][] leads, double rate, Rhythm rhythm, double scale, Philox random) {
    int length = leads[0].length;
    double[] breath = new double[length];
    for (int t = 0; t < length; t++) {
      breath[t] = rhythm.breath(t / rate);
    }
    double[][] electrodes = new double[ELECTRODES][];
    double restlessness = random.factor(0.4);
    for (int electrode = 0; electrode < ELECTRODES; electrode++) {
      electrodes[electrode] = electrode(breath, rate, restlessness, scale, random);
    }
    double[] rightArm = electrodes[0];
    double[] leftArm = electrodes[1];
    double[] leftLeg = electrodes[2];
    for (int t = 0; t < length; t++) {
      double terminal = (rightArm[t] + leftArm[t] + leftLeg[t]) / LIMBS;
      leads[0][t] += leftArm[t] - rightArm[t];
      leads[1][t] += leftLeg[t] - rightArm[t];
      for (int chest = Torso.FIRST_CHEST; chest < Torso.LEADS; chest++) {
        leads[chest][t] += electrodes[LIMBS + chest - Torso.FIRST_CHEST][t] - terminal;
      }
    }
  }

  private static double[] electrode(
      double[] breath, double rate, double restlessness, double scale, Philox random) {
    int length = breath.length;
    double[] potential = new double[length];
    double breathing = scale * random.normal(0, 0.012);
    for (int t = 0; t < length; t++) {
      potential[t] = breathing * breath[t];
    }
    for (int drift = 0; drift < DRIFTS; drift++) {
      double amplitude = scale * restlessness * random.normal(0, 0.018);
      addOscillation(potential, amplitude, random.uniform(0.03, 0.4) / rate, random.nextDouble());
    }
    double muscle =
        scale
            * restlessness
            * 0.0055
            * random.factor(0.4)
            * StrictMath.sqrt(StrictMath.min(rate / 2, MUSCLE_BAND) / 50);
    double[] burst = new double[length];
    addOscillation(burst, 0.5, random.uniform(0.1, 0.8) / rate, random.nextDouble());
    for (int t = 0; t < length; t++) {
      potential[t] += muscle * (1 + burst[t]) * random.normal();
    }
    return potential;
  }

  /** Adds a cosine by rotating a phasor; frequency in cycles a sample, phase in turns. */
  private static void addOscillation(
      double[] signal, double amplitude, double frequency, double phase) {
    double cosine = StrictMath.cos(2 * StrictMath.PI * frequency);
    double sine = StrictMath.sin(2 * StrictMath.PI * frequency);
    double real = amplitude * StrictMath.cos(2 * StrictMath.PI * phase);
    double imaginary = amplitude * StrictMath.sin(2 * StrictMath.PI * phase);
    for (int t = 0; t < signal.length; t++) {
      signal[t] += real;
      double next = real * cosine - imaginary * sine;
      imaginary = real * sine + imaginary * cosine;
      real = next;
    }
  }
}
