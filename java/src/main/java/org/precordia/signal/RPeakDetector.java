// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the R peaks of one lead, after Pan and Tompkins, <i>A real-time QRS detection
 * algorithm</i>, IEEE Trans. Biomed. Eng. 1985: band-pass, slope, square, moving window of 150 ms,
 * adaptive thresholds between signal and noise peaks, a refractory time of 200 ms, rejection of T
 * waves by their slope up to 360 ms, and a search back with a lower threshold when a beat seems
 * missing.
 *
 * <p>As whole recordings are at hand, it differs from the original. Filters have no phase. The
 * thresholds start from the whole recording, so the first beats count like the others. The pass
 * band is 7–22 Hz instead of 5–15 Hz, and the threshold lies at 18 % instead of 25 % of the way
 * from noise to signal: leads with a small QRS beside a large T wave, and normal beats between
 * large ectopic ones, are told apart better. Beats are marked at the lead's own largest deflection,
 * and that deflection is upright on all beats or negative on all, whichever is larger over the
 * recording, so that RR intervals do not jump between R and S of a biphasic complex.
 */
public final class RPeakDetector {
  private static final double LOW = 7;
  private static final double HIGH = 22;
  private static final int ORDER = 2;
  private static final double LOWEST_RATE = 50;
  private static final double SHORTEST = 0.5;
  private static final double WINDOW = 0.150;
  private static final double REFRACTORY = 0.200;
  private static final double T_WAVE = 0.360;
  private static final double SEARCH_BACK = 1.66;
  private static final double THRESHOLD = 0.18;
  private static final double LEARNING = 0.125;
  private static final int REMEMBERED = 8;

  /** Each stretch of this length holds a beat at 40 beats a minute and more, in seconds. */
  private static final double STRETCH = 1.5;

  /** A QRS complex spans at most this much on either side of its energy's peak, in seconds. */
  private static final double HALF_QRS = 0.080;

  private static final double BASELINE = 0.400;

  /** Smaller deflections in the pass band are noise of a flat lead, in mV. */
  private static final double LEAST_DEFLECTION = 0.02;

  /** Designing the filter takes as long as finding the beats of 10 s. */
  private static final Map<Double, SecondOrderSections> DESIGNS = new ConcurrentHashMap<>();

  private final double rate;
  private final double[] signal;
  private final double[] filtered;
  private final double[] energy;

  private RPeakDetector(double[] signal, double rate) {
    this.rate = rate;
    this.signal = signal;
    SecondOrderSections bandPass =
        DESIGNS.computeIfAbsent(
            rate, hertz -> SecondOrderSections.butterworthBandPass(ORDER, LOW, HIGH, hertz));
    // Extending by 200 ms lets the filter settle before the first sample at any rate.
    int padding = Math.min(signal.length - 1, samples(0.2));
    this.filtered = bandPass.filterForwardBackward(signal, padding);
    this.energy = energy();
  }

  /**
   * Finds the R peaks of a lead.
   *
   * @param millivolts samples in mV; NaN where missing, which gives no beats there
   * @param rate sampling rate in Hz, at least 50
   * @return positions in samples, ascending; empty for a flat lead or one shorter than 0.5 s
   */
  public static int[] detect(double[] millivolts, double rate) {
    if (!(rate >= LOWEST_RATE) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(
          "R peaks need a sampling rate of at least " + LOWEST_RATE + " Hz, was " + rate + " Hz");
    }
    boolean[] missing = new boolean[millivolts.length];
    double[] filled = fillGaps(millivolts, missing);
    if (filled.length < SHORTEST * rate) {
      return new int[0];
    }
    return new RPeakDetector(filled, rate).find(missing);
  }

  /** As {@link #detect(double[], double)}. */
  public static int[] detect(float[] millivolts, double rate) {
    double[] wide = new double[millivolts.length];
    for (int t = 0; t < wide.length; t++) {
      wide[t] = millivolts[t];
    }
    return detect(wide, rate);
  }

  private int[] find(boolean[] missing) {
    int[] candidates = candidates();
    List<Integer> beats = decide(candidates);
    beats.removeIf(beat -> missing[beat]);
    return refine(beats).stream().filter(beat -> !missing[beat]).mapToInt(i -> i).toArray();
  }

  /** The squared slope of the filtered signal, averaged over 150 ms centred at each sample. */
  private double[] energy() {
    int length = filtered.length;
    double[] sums = new double[length + 1];
    for (int t = 0; t < length; t++) {
      double slope = slope(t);
      sums[t + 1] = sums[t] + slope * slope;
    }
    int half = Math.max(1, samples(WINDOW / 2));
    double[] mean = new double[length];
    for (int t = 0; t < length; t++) {
      int from = Math.max(0, t - half);
      int to = Math.min(length, t + half + 1);
      // Divided by the full width at the edges too: half a window there must not count double.
      mean[t] = (sums[to] - sums[from]) / (2 * half + 1);
    }
    return mean;
  }

  /** Slope of the filtered signal in mV/s. */
  private double slope(int t) {
    int before = Math.max(0, t - 1);
    int after = Math.min(filtered.length - 1, t + 1);
    return (filtered[after] - filtered[before]) / (after - before) * rate;
  }

  /** Maxima of the energy, none higher within the refractory time, large enough to be a QRS. */
  private int[] candidates() {
    int reach = samples(REFRACTORY);
    List<Integer> peaks = new ArrayList<>();
    for (int t = 0; t < energy.length; t++) {
      boolean isMaximum =
          (t == 0 || energy[t] > energy[t - 1])
              && (t == energy.length - 1 || energy[t] >= energy[t + 1]);
      if (!isMaximum || largest(filtered, t, samples(HALF_QRS)) < LEAST_DEFLECTION) {
        continue;
      }
      if (!peaks.isEmpty() && t - peaks.getLast() < reach) {
        if (energy[t] > energy[peaks.getLast()]) {
          peaks.set(peaks.size() - 1, t);
        }
      } else {
        peaks.add(t);
      }
    }
    return peaks.stream().mapToInt(i -> i).toArray();
  }

  /** Tells beats from noise and T waves among the candidates. */
  private List<Integer> decide(int[] candidates) {
    List<Integer> beats = new ArrayList<>();
    double signalLevel = usualMaximum();
    double noiseLevel = 0.05 * signalLevel;
    int firstSince = 0;
    for (int i = 0; i < candidates.length; i++) {
      int t = candidates[i];
      int missed = missedBeat(candidates, firstSince, i, beats, signalLevel, noiseLevel);
      if (missed >= 0) {
        // A missed beat was a weak one: it draws the level down faster, as in the original.
        signalLevel += 2 * LEARNING * (energy[missed] - signalLevel);
        beats.add(missed);
      }
      double threshold = noiseLevel + THRESHOLD * (signalLevel - noiseLevel);
      if (energy[t] >= threshold && !isTWave(t, beats)) {
        signalLevel += LEARNING * (Math.min(energy[t], 4 * signalLevel) - signalLevel);
        beats.add(t);
        firstSince = i + 1;
      } else {
        noiseLevel += LEARNING * (Math.min(energy[t], signalLevel) - noiseLevel);
      }
    }
    int missed =
        missedBeat(candidates, firstSince, candidates.length, beats, signalLevel, noiseLevel);
    if (missed >= 0) {
      beats.add(missed);
    }
    return beats;
  }

  /**
   * Searches back when the time since the last beat exceeds 166 % of the usual RR interval.
   *
   * @return the largest passed-over candidate above half the threshold, or -1
   */
  private int missedBeat(
      int[] candidates,
      int from,
      int to,
      List<Integer> beats,
      double signalLevel,
      double noiseLevel) {
    if (beats.size() < 2) {
      return -1;
    }
    int first = Math.max(0, beats.size() - 1 - REMEMBERED);
    double usual = (double) (beats.getLast() - beats.get(first)) / (beats.size() - 1 - first);
    int now = to < candidates.length ? candidates[to] : signal.length - 1;
    if (now - beats.getLast() <= SEARCH_BACK * usual) {
      return -1;
    }
    double threshold = 0.5 * (noiseLevel + THRESHOLD * (signalLevel - noiseLevel));
    int best = -1;
    for (int i = from; i < to; i++) {
      int t = candidates[i];
      boolean inBetween =
          t - beats.getLast() >= samples(T_WAVE)
              && (to == candidates.length || now - t >= samples(REFRACTORY));
      if (inBetween && energy[t] >= threshold && (best < 0 || energy[t] > energy[best])) {
        best = t;
      }
    }
    return best;
  }

  /** Whether a candidate soon after a beat is less than half as steep as that beat. */
  private boolean isTWave(int t, List<Integer> beats) {
    if (beats.isEmpty() || t - beats.getLast() > samples(T_WAVE)) {
      return false;
    }
    return steepest(t) < 0.5 * steepest(beats.getLast());
  }

  private double steepest(int t) {
    int half = samples(WINDOW / 2);
    double steepest = 0;
    for (int s = Math.max(0, t - half); s <= Math.min(filtered.length - 1, t + half); s++) {
      steepest = Math.max(steepest, Math.abs(slope(s)));
    }
    return steepest;
  }

  /** The median over stretches of the recording of the largest energy in each. */
  private double usualMaximum() {
    int stretch = Math.min(energy.length, samples(STRETCH));
    double[] maxima = new double[energy.length / stretch];
    for (int i = 0; i < maxima.length; i++) {
      maxima[i] = Arrays.stream(energy, i * stretch, (i + 1) * stretch).max().orElseThrow();
    }
    Arrays.sort(maxima);
    return maxima[maxima.length / 2];
  }

  /** Moves each beat to the lead's largest deflection of the recording's usual polarity. */
  private List<Integer> refine(List<Integer> beats) {
    int half = samples(HALF_QRS);
    int[] highest = new int[beats.size()];
    int[] lowest = new int[beats.size()];
    double[] excess = new double[beats.size()];
    for (int i = 0; i < highest.length; i++) {
      int t = beats.get(i);
      double baseline = median(t, samples(BASELINE));
      highest[i] = t;
      lowest[i] = t;
      for (int s = Math.max(0, t - half); s <= Math.min(signal.length - 1, t + half); s++) {
        highest[i] = signal[s] > signal[highest[i]] ? s : highest[i];
        lowest[i] = signal[s] < signal[lowest[i]] ? s : lowest[i];
      }
      excess[i] = signal[highest[i]] - baseline - (baseline - signal[lowest[i]]);
    }
    Arrays.sort(excess);
    boolean upright = excess.length == 0 || excess[excess.length / 2] >= 0;
    List<Integer> refined = new ArrayList<>();
    for (int peak : upright ? highest : lowest) {
      if (refined.isEmpty() || peak - refined.getLast() >= samples(REFRACTORY)) {
        refined.add(peak);
      }
    }
    return refined;
  }

  private double median(int centre, int half) {
    double[] around =
        Arrays.copyOfRange(
            signal, Math.max(0, centre - half), Math.min(signal.length, centre + half + 1));
    Arrays.sort(around);
    return around[around.length / 2];
  }

  private static double largest(double[] values, int centre, int half) {
    double largest = 0;
    for (int t = Math.max(0, centre - half); t <= Math.min(values.length - 1, centre + half); t++) {
      largest = Math.max(largest, Math.abs(values[t]));
    }
    return largest;
  }

  private int samples(double seconds) {
    return (int) Math.round(seconds * rate);
  }

  /**
   * Bridges gaps by straight lines, so that filtering makes no beats of their edges.
   *
   * @param missing receives which samples are not finite
   * @return empty when all are missing
   */
  static double[] fillGaps(double[] values, boolean[] missing) {
    double[] filled = values.clone();
    int last = -1;
    for (int t = 0; t < filled.length; t++) {
      missing[t] = !Double.isFinite(filled[t]);
      if (missing[t]) {
        continue;
      }
      for (int gap = last + 1; gap < t; gap++) {
        double weight = last < 0 ? 1 : (double) (gap - last) / (t - last);
        filled[gap] = last < 0 ? filled[t] : filled[last] + weight * (filled[t] - filled[last]);
      }
      last = t;
    }
    if (last < 0) {
      return new double[0];
    }
    Arrays.fill(filled, last + 1, filled.length, filled[last]);
    return filled;
  }
}
