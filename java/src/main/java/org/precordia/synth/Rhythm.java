// SPDX-License-Identifier: Apache-2.0
package org.precordia.synth;

import org.precordia.signal.Philox;

/**
 * Sinus rhythm and breathing of one recording. RR intervals follow a tachogram with the bimodal
 * power spectrum of McSharry, Clifford, Tarassenko and Smith, <i>A dynamical model for generating
 * synthetic electrocardiogram signals</i>, IEEE Trans. Biomed. Eng. 2003: a Gaussian around 0.1 Hz
 * (Mayer waves) and one around the breathing rate, random phases. Their angular phase then runs
 * uniformly from one R peak to the next, so the peaks are where the tachogram puts them and no
 * differential equation needs integrating.
 */
final class Rhythm {
  private static final int LINES = 12;
  private static final double MAYER_WAVES = 0.1;
  private static final double BANDWIDTH = 0.012;
  private static final double SHORTEST = 0.40;
  private static final double LONGEST = 1.60;

  private final double[] peaks;
  private final double[] intervals;
  private final Band breathing;

  /**
   * Draws the R peaks from before the recording's begin to after its end.
   *
   * @param heartRate mean heart rate in beats a minute
   * @param seconds duration of the recording
   * @param random the recording's stream for rhythm
   */
  Rhythm(double heartRate, double seconds, Philox random) {
    double mean = 60 / heartRate;
    double deviation = mean * random.uniform(0.015, 0.055);
    double lowToHigh = random.uniform(0.4, 1.6);
    double share = lowToHigh / (1 + lowToHigh);
    breathing = new Band(random.uniform(0.18, 0.33), random);
    Band slow = new Band(MAYER_WAVES, random);
    int most = 8 + (int) ((seconds + 4) / SHORTEST);
    double[] times = new double[most];
    double[] preceding = new double[most];
    int count = 0;
    double time = -2 + mean * random.nextDouble();
    double interval = mean;
    while (time < seconds + 2) {
      times[count] = time;
      preceding[count++] = interval;
      double modulation =
          StrictMath.sqrt(share) * slow.at(time) + StrictMath.sqrt(1 - share) * breathing.at(time);
      interval = StrictMath.max(SHORTEST, StrictMath.min(LONGEST, mean + deviation * modulation));
      time += interval;
    }
    peaks = java.util.Arrays.copyOf(times, count);
    intervals = java.util.Arrays.copyOf(preceding, count);
  }

  /** Number of beats, those outside the recording included. */
  int beats() {
    return peaks.length;
  }

  /** Moment of a beat's R peak in seconds from the recording's begin. */
  double peak(int beat) {
    return peaks[beat];
  }

  /** RR interval before a beat, in seconds. */
  double interval(int beat) {
    return intervals[beat];
  }

  /** Depth of breath, of unit variance, positive at inspiration. */
  double breath(double time) {
    return breathing.at(time);
  }

  /** A Gaussian spectral band of unit variance with random phases. */
  private static final class Band {
    private final double[] angular = new double[LINES];
    private final double[] amplitude = new double[LINES];
    private final double[] phase = new double[LINES];

    Band(double centre, Philox random) {
      double power = 0;
      for (int line = 0; line < LINES; line++) {
        double offset = 5.0 * (line + 0.5) / LINES - 2.5;
        angular[line] = 2 * StrictMath.PI * (centre + BANDWIDTH * offset);
        amplitude[line] = StrictMath.exp(-0.25 * offset * offset);
        phase[line] = 2 * StrictMath.PI * random.nextDouble();
        power += 0.5 * amplitude[line] * amplitude[line];
      }
      double scale = 1 / StrictMath.sqrt(power);
      for (int line = 0; line < LINES; line++) {
        amplitude[line] *= scale;
      }
    }

    double at(double time) {
      double sum = 0;
      for (int line = 0; line < LINES; line++) {
        sum += amplitude[line] * StrictMath.cos(angular[line] * time + phase[line]);
      }
      return sum;
    }
  }
}
