// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds QRS onset, J point, T peak and T end of the beats of one lead, after Martínez, Almeida,
 * Olmos, Rocha and Laguna, <i>A wavelet-based ECG delineator: evaluation on standard databases</i>,
 * IEEE Trans. Biomed. Eng. 2004: extrema of a wavelet transform ({@link QuadraticSplineWavelet})
 * mark the slopes of waves; a wave begins and ends where the transform has fallen to a share of its
 * outermost significant extremum.
 *
 * <p>A lead of any rate is first resampled to {@value #RATE} Hz, the rate for which the scales were
 * published: 2² (18–58 Hz) for the QRS complex, 2⁴ (4–13 Hz) for the T wave. At 100 Hz no dyadic
 * scale lies there, and a sample is as long as the error one hopes for. The resampling is
 * band-limited, so a lead below 45 Hz is the same function of time at 100 and at 500 Hz, and
 * crossings are interpolated between samples.
 *
 * <p>Immutable and safe for concurrent use.
 */
public final class Delineator {
  private static final int RATE = 250;
  private static final int SCALES = 4;
  private static final int QRS_SCALE = 2;
  private static final int T_SCALE = 4;

  /** The steepest slope of a QRS complex lies at most this far from the R peak, in seconds. */
  private static final double CORE = 0.080;

  /** Two slopes of one complex are at most this far apart, in seconds. */
  private static final double SLOPES_APART = 0.050;

  /** How far the complex may reach before and after the R peak, in seconds. */
  private static final double BEFORE = 0.130;

  private static final double AFTER = 0.170;

  /** Smaller extrema at the QRS scale are noise of a flat lead, in mV. */
  private static final double LEAST_QRS = 0.02;

  /** A slope belongs to the complex from this share of the steepest on. */
  private static final double SIGNIFICANT = 0.09;

  /** The complex begins and ends at these shares of its outermost slopes. */
  private static final double ONSET = 0.07;

  private static final double OFFSET = 0.10;

  /** Beside these multiples of the transform's median modulus a slope or an edge is noise. */
  private static final double SLOPE_OVER_NOISE = 4;

  private static final double EDGE_OVER_NOISE = 2;

  /** Seconds from J, or from R where J is not known, to where a T wave's slopes are looked for. */
  private static final double T_AFTER_J = 0.040;

  private static final double T_AFTER_R = 0.120;

  /** The T wave ends at most this many times √RR after R, and so long before the next R. */
  private static final double T_WITHIN = 0.56;

  private static final double T_BEFORE_NEXT = 0.20;

  /** Smaller extrema at the T wave's scale are noise, in mV. */
  private static final double LEAST_T = 0.02;

  /** Extrema of a T wave exceed these shares of the root mean square, and of the largest. */
  private static final double T_OVER_RMS = 0.10;

  private static final double T_OVER_LARGEST = 0.125;

  private static final double T_END = 0.4;

  private final double rate;
  private final PolyphaseResampler resampler;

  /**
   * A delineator for leads of one rate.
   *
   * @param rate sampling rate in Hz
   */
  public Delineator(double rate) {
    this.rate = rate;
    this.resampler = PolyphaseResampler.between(rate, RATE);
  }

  /**
   * Delineates the beats of a lead.
   *
   * @param millivolts samples in mV; NaN where missing, which gives no fiducials near it
   * @param rPeaks R peaks in samples, ascending; of this lead or of another one of the recording
   * @return the beats, one for each R peak
   */
  public List<BeatFiducials> delineate(double[] millivolts, int[] rPeaks) {
    boolean[] missing = new boolean[millivolts.length];
    double[] filled = RPeakDetector.fillGaps(millivolts, missing);
    List<BeatFiducials> beats = new ArrayList<>();
    if (filled.length == 0) {
      for (int r : rPeaks) {
        beats.add(new BeatFiducials(r, Double.NaN, Double.NaN, Double.NaN, Double.NaN));
      }
      return beats;
    }
    // The resampler's gain at 0 Hz differs a little from sample to sample.
    double mean = Arrays.stream(filled).average().orElseThrow();
    double[] centred = Arrays.stream(filled).map(value -> value - mean).toArray();
    double[][] scales = QuadraticSplineWavelet.transform(resampler.resample(centred), SCALES);
    double[] qrsScale = scales[QRS_SCALE - 1];
    double[] tScale = scales[T_SCALE - 1];
    double noise = medianModulus(qrsScale);
    for (int i = 0; i < rPeaks.length; i++) {
      double r = rPeaks[i] * RATE / rate;
      double interval = interval(rPeaks, i) / rate;
      double[] qrs = qrs(qrsScale, noise, r);
      double[] t = tWave(tScale, r, qrs[1], interval);
      beats.add(
          new BeatFiducials(
              rPeaks[i],
              position(qrs[0], missing),
              position(qrs[1], missing),
              position(t[0], missing),
              position(t[1], missing)));
    }
    return beats;
  }

  /** Samples to the next R peak; for the last beat, those from the one before it. */
  private double interval(int[] rPeaks, int beat) {
    if (beat + 1 < rPeaks.length) {
      return rPeaks[beat + 1] - rPeaks[beat];
    }
    return beat > 0 ? rPeaks[beat] - rPeaks[beat - 1] : rate;
  }

  /** From an element of the transform to a sample of the lead; NaN in a gap. */
  private double position(double element, boolean[] missing) {
    double sample = (element - QuadraticSplineWavelet.DELAY) * rate / RATE;
    boolean there =
        sample >= 0
            && sample <= missing.length - 1
            && !missing[(int) Math.floor(sample)]
            && !missing[(int) Math.ceil(sample)];
    return there ? sample : Double.NaN;
  }

  /** Onset and offset of the complex about an R peak, in elements of the transform. */
  private static double[] qrs(double[] w, double noise, double r) {
    int centre = (int) Math.round(r);
    int steepest = largest(w, centre - samples(CORE), centre + samples(CORE));
    double height = Math.abs(w[steepest]);
    if (height < Math.max(LEAST_QRS, SLOPE_OVER_NOISE * noise)) {
      return new double[] {Double.NaN, Double.NaN};
    }
    int from = Math.max(1, centre - samples(BEFORE));
    int to = Math.min(w.length - 2, centre + samples(AFTER));
    double least = Math.max(SIGNIFICANT * height, SLOPE_OVER_NOISE * noise);
    int first = outermost(w, steepest, -1, from, least);
    int last = outermost(w, steepest, 1, to, least);
    double floor = EDGE_OVER_NOISE * noise;
    return new double[] {
      edge(w, first, -1, from, Math.max(ONSET * Math.abs(w[first]), floor)),
      edge(w, last, 1, to, Math.max(OFFSET * Math.abs(w[last]), floor))
    };
  }

  /** The last extremum above a height, going outward from one to the next one near it. */
  private static int outermost(double[] w, int start, int direction, int limit, double height) {
    int outermost = start;
    for (int n = start + direction;
        (limit - n) * direction >= 0 && Math.abs(n - outermost) <= samples(SLOPES_APART);
        n += direction) {
      if (isExtremum(w, n) && Math.abs(w[n]) >= height) {
        outermost = n;
      }
    }
    return outermost;
  }

  /**
   * Where the transform, going outward from an extremum, falls to a level; NaN when it does not
   * before the limit.
   */
  private static double edge(double[] w, int extremum, int direction, int limit, double level) {
    double sign = Math.signum(w[extremum]);
    for (int n = extremum + direction; (limit - n) * direction >= 0; n += direction) {
      double here = sign * w[n];
      if (here <= level) {
        double before = sign * w[n - direction];
        return n - direction * (level - here) / (before - here);
      }
    }
    return Double.NaN;
  }

  /** Peak and end of the T wave, in elements of the transform. */
  private static double[] tWave(double[] w, double r, double j, double interval) {
    double[] none = {Double.NaN, Double.NaN};
    double start = Double.isNaN(j) ? r + T_AFTER_R * RATE : j + T_AFTER_J * RATE;
    double end = r + RATE * Math.min(T_WITHIN * Math.sqrt(interval), interval - T_BEFORE_NEXT);
    int from = Math.max(1, (int) Math.ceil(start));
    int to = (int) Math.floor(end);
    if (to > w.length - 2 || to <= from) {
      return none;
    }
    double least =
        Math.max(
            Math.max(
                LEAST_T,
                T_OVER_RMS * rms(w, (int) r, (int) Math.min(w.length, r + RATE * interval))),
            T_OVER_LARGEST * Math.abs(w[largest(w, from, to)]));
    int previous = -1;
    int before = -1;
    int after = -1;
    double height = 0;
    for (int n = from; n <= to; n++) {
      if (isExtremum(w, n) && Math.abs(w[n]) >= least) {
        if (previous >= 0 && w[previous] * w[n] < 0) {
          double smaller = Math.min(Math.abs(w[previous]), Math.abs(w[n]));
          if (smaller > height) {
            height = smaller;
            before = previous;
            after = n;
          }
        }
        previous = n;
      }
    }
    if (before < 0) {
      return none;
    }
    return new double[] {zero(w, before), edge(w, after, 1, to, T_END * Math.abs(w[after]))};
  }

  /** Where the transform next changes its sign. */
  private static double zero(double[] w, int from) {
    int n = from + 1;
    while (w[n] * w[from] > 0) {
      n++;
    }
    return n - w[n] / (w[n] - w[n - 1]);
  }

  private static boolean isExtremum(double[] w, int n) {
    double here = Math.abs(w[n]);
    return here > Math.abs(w[n - 1]) && here >= Math.abs(w[n + 1]);
  }

  private static int largest(double[] w, int from, int to) {
    int largest = Math.max(0, from);
    for (int n = largest; n <= Math.min(w.length - 1, to); n++) {
      largest = Math.abs(w[n]) > Math.abs(w[largest]) ? n : largest;
    }
    return largest;
  }

  private static double medianModulus(double[] w) {
    double[] moduli = Arrays.stream(w).map(Math::abs).sorted().toArray();
    return moduli[moduli.length / 2];
  }

  private static double rms(double[] w, int from, int to) {
    double sum = 0;
    for (int n = from; n < to; n++) {
      sum += w[n] * w[n];
    }
    return Math.sqrt(sum / Math.max(1, to - from));
  }

  private static int samples(double seconds) {
    return (int) Math.round(seconds * RATE);
  }
}
