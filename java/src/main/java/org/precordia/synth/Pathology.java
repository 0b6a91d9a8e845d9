// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import org.precordia.signal.Philox;

/**
 * What a synthetic patient may have, and how it changes the heart's vectors. Names are the SCP-ECG
 * statement codes of PTB-XL, so that labels of synthetic and real data sets share a vocabulary.
 * Several pathologies act one after the other in the order of this enumeration.
 */
public enum Pathology {
  /** Left ventricular hypertrophy, with strain when it is severe. */
  LVH("LVH", "HYP", "left ventricular hypertrophy") {
    @Override
    void apply(Heart heart, double severity, Philox random) {
      double mass = 1 + 0.48 * severity;
      heart.freeWall.scale(mass).add(0.15 * severity, -0.10 * severity, 0.10 * severity);
      heart.posterior.scale(1 + 0.60 * severity);
      heart.basal.scale(1 + 0.30 * severity);
      heart.freeWall.rise *= 1.08;
      heart.posterior.fall *= 1 + 0.15 * severity;
      heart.leftAtrium.scale(1 + 0.4 * severity);
      // Strain: the lateral wall repolarises the other way round, most of all below V5 and V6.
      double strain = Math.max(0, severity - 0.75) * random.uniform(0.6, 1.4);
      heart
          .add(
              DipoleWave.Kind.T, 0.130, 0.045, 0.050, -0.16 * strain, -0.05 * strain, 0.10 * strain)
          .nearField(-0.10 * strain, 5.5, 1.0);
      heart.recovery.add(-0.62 * strain, -0.20 * strain, -0.06 * strain);
      heart.recovery.near -= 0.10 * strain;
      heart.earlyRecovery.scale(1 - 0.6 * Math.min(1, strain));
    }
  },

  /** Complete left bundle branch block: the left ventricle is activated late, from the right. */
  CLBBB("CLBBB", "CD", "complete left bundle branch block") {
    @Override
    void apply(Heart heart, double severity, Philox random) {
      double size = StrictMath.sqrt(heart.freeWall.x / Heart.FREE_WALL_X);
      double delay = 0.010 * severity;
      heart.rightAtrium.centre -= 0.020;
      heart.leftAtrium.centre -= 0.020;
      heart.septal.retime(-0.040, 0.011);
      heart.set(heart.septal, 0.20 * size, 0.08, -0.10);
      heart.anterior.retime(-0.018, 0.013);
      heart.set(heart.anterior, 0.42 * size, 0.22 * size, 0.30 * size);
      heart.freeWall.retime(0.004, 0.015);
      heart.set(heart.freeWall, 0.62 * size, 0.30 * size, 0.80 * size);
      heart.posterior.retime(0.030 + delay, 0.015);
      heart.set(heart.posterior, 0.74 * size, 0.10 * size, 0.72 * size);
      heart.basal.retime(0.055 + delay, 0.011);
      heart.set(heart.basal, 0.26 * size, -0.06 * size, 0.22 * size);
      heart.anterior.near *= 0.2;
      heart.freeWall.nearField(-0.40 * size, 2.6, 1.1);
      heart.posterior.nearField(0.30 * size, 5.6, 0.9);
      // Recovery follows the activation: ST and T point against the QRS (secondary changes).
      double discordance = random.uniform(0.85, 1.25);
      heart
          .add(
              DipoleWave.Kind.T,
              0.150,
              0.040,
              0.060,
              -0.15 * discordance,
              -0.03 * discordance,
              -0.19 * discordance)
          .nearField(0.10 * discordance, 2.4, 1.0);
      heart.set(heart.recovery, -0.34 * discordance, -0.08 * discordance, -0.34 * discordance);
      heart.recovery.centre += 0.035;
      heart.recovery.near *= 0.5;
      heart.earlyRecovery.scale(0.3);
    }
  },

  /** Complete right bundle branch block: the right ventricle is activated late. */
  CRBBB("CRBBB", "CD", "complete right bundle branch block") {
    @Override
    void apply(Heart heart, double severity, Philox random) {
      heart.posterior.scale(0.8);
      heart.basal.scale(0.4);
      heart
          .add(
              DipoleWave.Kind.QRS,
              0.062 + 0.006 * severity,
              0.013,
              0.018,
              -0.42 * severity,
              0.02,
              -0.46 * severity)
          .nearField(0.28 * severity, 1.3, 0.9);
      heart.add(DipoleWave.Kind.T, 0.150, 0.035, 0.050, 0.03, 0, 0.05 * severity);
      heart.recovery.add(0.05 * severity, 0, 0.19 * severity);
      heart.recovery.near -= 0.10 * severity;
      heart.recovery.centre += 0.015;
    }
  },

  /** Anterior myocardial infarction: the forces towards V2 to V4 are lost. */
  AMI("AMI", "MI", "anterior myocardial infarction") {
    @Override
    void apply(Heart heart, double severity, Philox random) {
      double extent = random.uniform(2.8, 3.6);
      double fresh = random.nextDouble();
      heart.septal.add(0.05 * severity, 0, 0.30 * severity);
      heart.anterior.add(-0.16 * severity, -0.02, 0.30 * severity);
      heart.anterior.near *= StrictMath.max(0, 1 - 1.1 * severity);
      heart.freeWall.near *= StrictMath.max(0, 1 - 0.7 * severity);
      heart.freeWall.scale(1 - 0.12 * severity);
      heart
          .add(DipoleWave.Kind.QRS, -0.004, 0.014, 0.015, 0, 0, 0.06 * severity)
          .nearField(-0.78 * severity, extent, 0.95);
      double injury = 0.30 * severity * fresh * fresh + 0.03;
      heart
          .add(DipoleWave.Kind.T, 0.125, 0.050, 0.065, 0.15 * injury, -0.1 * injury, -0.45 * injury)
          .nearField(0.75 * injury, extent, 1.2);
      double inversion = severity * (1 - fresh * fresh);
      heart.recovery.add(-0.12 * inversion, 0, 0.28 * inversion);
      heart
          .add(DipoleWave.Kind.T, heart.recovery.centre + 0.01, 0.045, 0.035, 0, 0, 0)
          .nearField(-0.42 * inversion, extent + 0.2, 1.1);
    }
  },

  /** Inferior myocardial infarction: the first forces point up, away from II, III and aVF. */
  IMI("IMI", "MI", "inferior myocardial infarction") {
    @Override
    void apply(Heart heart, double severity, Philox random) {
      double fresh = random.nextDouble();
      double posterior = random.nextDouble() * severity;
      heart.septal.add(0, -0.10 * severity, 0);
      heart.add(
          DipoleWave.Kind.QRS,
          -0.019,
          0.009,
          0.010,
          0.06 * severity,
          -0.52 * severity,
          -0.05 * posterior);
      heart.freeWall.add(0, -0.16 * severity, 0);
      // An infarct that reaches the posterior wall leaves the anterior forces unopposed.
      heart.posterior.scale(1 - 0.55 * posterior);
      heart.anterior.add(0, 0, -0.16 * posterior);
      heart.anterior.near += 0.12 * posterior;
      double injury = 0.22 * severity * fresh * fresh + 0.02;
      heart
          .add(
              DipoleWave.Kind.T,
              0.125,
              0.050,
              0.065,
              -0.35 * injury,
              injury,
              (0.2 + 0.4 * posterior) * injury)
          .nearField(-0.35 * injury, 2.5, 1.2);
      double inversion = severity * (1 - fresh * fresh);
      heart.recovery.add(0.03 * inversion, -0.36 * inversion, -0.10 * posterior);
    }
  },

  /** ST depression of subendocardial ischaemia, horizontal or downsloping. */
  STD_("STD_", "STTC", "ST depression") {
    @Override
    void apply(Heart heart, double severity, Philox random) {
      double place = random.uniform(4.2, 5.2);
      heart
          .add(
              DipoleWave.Kind.T,
              0.115,
              0.036,
              0.065,
              -0.11 * severity,
              -0.10 * severity,
              0.05 * severity)
          .nearField(-0.10 * severity, place, 1.2);
      heart.earlyRecovery.scale(0.25);
      double flat = random.uniform(0.45, 0.9);
      heart.recovery.scale(1 - flat * StrictMath.min(1, 0.75 * severity));
    }
  };

  private final String code;
  private final String superclass;
  private final String description;

  Pathology(String code, String superclass, String description) {
    this.code = code;
    this.superclass = superclass;
    this.description = description;
  }

  /** SCP-ECG statement code as in PTB-XL. */
  public String code() {
    return code;
  }

  /** Diagnostic superclass: MI, CD, HYP or STTC. */
  public String superclass() {
    return superclass;
  }

  /** Name in plain words. */
  public String description() {
    return description;
  }

  /** Changes the vectors of a heart; {@code severity} is about 0.6 to 1.3. */
  abstract void apply(Heart heart, double severity, Philox random);
}
