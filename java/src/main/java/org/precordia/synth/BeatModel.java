// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import java.util.List;
import org.precordia.synth.DipoleWave.Kind;

/**
 * The beats of one recording: a heart's waves seen through a torso. Draws them into the eight
 * independent leads and says where the waves of a beat lie.
 */
final class BeatModel {
  /** Largest rotation of the heart by a deep breath in the frontal plane, in radians. */
  private static final double BREATH_TILT = 0.035;

  /** Loss of amplitude at a deep breath, when more lung lies before the heart. */
  private static final double BREATH_LOSS = 0.02;

  /**
   * Width, in sampling intervals, of the Gaussian that stands for the recorder's anti-aliasing
   * filter; convolved with the waves in closed form.
   */
  private static final double ANTI_ALIASING = 0.35;

  private static final double STEP = 0.001;
  private static final double QRS_FROM = -0.150;
  private static final double QRS_TO = 0.200;
  private static final double T_TO = 0.600;

  /** Where no QRS is seen the T wave is looked for from here on, in seconds from R. */
  private static final double T_FROM = 0.04;

  private final List<DipoleWave> waves;
  private final Torso torso;

  BeatModel(Heart heart, Torso torso) {
    this.waves = heart.waves();
    this.torso = torso;
  }

  /**
   * Adds every beat of a rhythm.
   *
   * @param rhythm R peaks, RR intervals and breathing
   * @param rate sampling rate in Hz
   * @param leads I, II, V1 to V6 in mV, {@code [lead][time]}
   */
  void draw(Rhythm rhythm, double rate, double[][] leads) {
    int length = leads[0].length;
    double[] amplitude = new double[Torso.LEADS];
    for (int beat = 0; beat < rhythm.beats(); beat++) {
      double start = rhythm.peak(beat);
      double rr = rhythm.interval(beat);
      double breath = rhythm.breath(start);
      for (DipoleWave wave : waves) {
        int from = StrictMath.max(0, (int) StrictMath.ceil((start + wave.begin(rr)) * rate));
        int to = StrictMath.min(length - 1, (int) StrictMath.floor((start + wave.end(rr)) * rate));
        if (from > to) {
          continue;
        }
        torso.project(wave, BREATH_TILT * breath, amplitude);
        double filter = ANTI_ALIASING / rate;
        double narrow = StrictMath.min(wave.rise, wave.fall) * wave.stretch(rr);
        double wide = StrictMath.sqrt(narrow * narrow + filter * filter);
        double gain = (1 - BREATH_LOSS * breath) * narrow / wide;
        for (int t = from; t <= to; t++) {
          // Shrinking time by the factor that the filter widens the wave with keeps one formula.
          double distance = (t / rate - start - wave.centre(rr)) * narrow / wide;
          double value = gain * wave.shape(wave.centre(rr) + distance, rr);
          for (int lead = 0; lead < Torso.LEADS; lead++) {
            leads[lead][t] += value * amplitude[lead];
          }
        }
      }
    }
  }

  /** A QRS complex, in seconds from the rhythm's R. */
  private record Complex(double peak, double onset, double end) {}

  /** A T wave, in seconds from the rhythm's R. */
  private record Recovery(double peak, double end) {}

  /**
   * Where the waves of the beats lie whose R peak falls into the recording.
   *
   * @param rhythm R peaks and RR intervals
   * @param seconds duration of the recording
   * @param leads indices of the leads in which they are seen
   */
  Fiducials fiducials(Rhythm rhythm, double seconds, int[] leads) {
    Complex qrs = complex(leads);
    int first = 0;
    while (first < rhythm.beats() && rhythm.peak(first) + qrs.peak < 0) {
      first++;
    }
    int end = first;
    while (end < rhythm.beats() && rhythm.peak(end) + qrs.peak < seconds) {
      end++;
    }
    int beats = end - first;
    double[] r = new double[beats];
    double[] onset = new double[beats];
    double[] j = new double[beats];
    double[] tPeak = new double[beats];
    double[] tEnd = new double[beats];
    double[][] amplitudes = amplitudes(Kind.T);
    for (int beat = 0; beat < beats; beat++) {
      double start = rhythm.peak(first + beat);
      Recovery t = recovery(amplitudes, rhythm.interval(first + beat), qrs, leads);
      r[beat] = start + qrs.peak;
      onset[beat] = start + qrs.onset;
      j[beat] = start + qrs.end;
      tPeak[beat] = start + t.peak;
      tEnd[beat] = start + t.end;
    }
    return new Fiducials(r, onset, j, tPeak, tEnd);
  }

  private Complex complex(int[] seen) {
    double largest = -1;
    double at = 0;
    double first = Double.NaN;
    double last = Double.NaN;
    double[][] amplitudes = amplitudes(Kind.QRS);
    double[] leads = new double[Torso.LEADS];
    for (double time = QRS_FROM; time <= QRS_TO; time += STEP) {
      double size = size(Kind.QRS, amplitudes, time, 1, leads, seen);
      if (size > largest) {
        largest = size;
        at = time;
      }
      for (int lead : seen) {
        if (StrictMath.abs(leads[lead]) > Fiducials.QRS_THRESHOLD) {
          first = Double.isNaN(first) ? time : first;
          last = time;
        }
      }
    }
    return new Complex(at, first, last);
  }

  private Recovery recovery(double[][] amplitudes, double rr, Complex qrs, int[] seen) {
    double[] leads = new double[Torso.LEADS];
    double from = Double.isNaN(qrs.end) ? T_FROM : qrs.end;
    double largest = -1;
    double at = from;
    double end = from;
    double before = 0;
    double steepest = 0;
    for (double time = from; time <= T_TO; time += STEP) {
      double size = size(Kind.T, amplitudes, time, rr, leads, seen);
      if (size > largest) {
        largest = size;
        at = time;
        steepest = 0;
      } else if (before - size > steepest) {
        steepest = before - size;
        end = time + STEP * size / steepest;
      }
      before = size;
    }
    return new Recovery(at, end);
  }

  private double[][] amplitudes(Kind kind) {
    double[][] amplitudes = new double[waves.size()][Torso.LEADS];
    for (int wave = 0; wave < amplitudes.length; wave++) {
      if (waves.get(wave).kind == kind) {
        torso.project(waves.get(wave), 0, amplitudes[wave]);
      }
    }
    return amplitudes;
  }

  /**
   * Sums the waves of one kind at a moment; returns the root of the squares of leads that count.
   */
  private double size(
      Kind kind, double[][] amplitudes, double time, double rr, double[] leads, int[] seen) {
    java.util.Arrays.fill(leads, 0);
    for (int i = 0; i < amplitudes.length; i++) {
      DipoleWave wave = waves.get(i);
      if (wave.kind == kind && time >= wave.begin(rr) && time <= wave.end(rr)) {
        double shape = wave.shape(time, rr);
        for (int lead = 0; lead < Torso.LEADS; lead++) {
          leads[lead] += shape * amplitudes[i][lead];
        }
      }
    }
    double power = 0;
    for (int lead : seen) {
      power += leads[lead] * leads[lead];
    }
    return StrictMath.sqrt(power);
  }
}
