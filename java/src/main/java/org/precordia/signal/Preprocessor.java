// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Resamples and filters leads, each by itself, from a record's own rate to the network's.
 *
 * <p>Gaps: a sample that is not finite makes invalid (NaN) every resampled value whose low-pass
 * touches it. Each run of valid samples between gaps is then filtered by itself, as if it were a
 * whole record, so nothing leaks across a gap and nothing is invented inside it. A run of {@value
 * #PADDING} samples or fewer is too short to be filtered and becomes invalid too.
 *
 * <p>Immutable and safe for concurrent use.
 */
public final class Preprocessor {
  /** The network's sampling rate in Hz. */
  public static final double DEFAULT_RATE = 100;

  /** Samples of odd extension at each end of a run. */
  public static final int PADDING = 27;

  /** Lower edge of the band in Hz. */
  public static final double LOW_HZ = 0.5;

  /** Upper edge of the band in Hz. */
  public static final double HIGH_HZ = 45;

  private static final int ORDER = 4;
  private static final double MEDIAN_SECONDS = 0.6;

  private final Preprocessing preset;
  private final PolyphaseResampler resampler;
  private final SecondOrderSections bandPass;
  private final RunningMedian median;

  /**
   * A preprocessor from one rate to another.
   *
   * @param preset filter chain
   * @param sourceRate the record's rate in Hz
   * @param rate the rate wanted in Hz, above 90
   * @throws IllegalArgumentException when the rates cannot be resampled into each other
   */
  public Preprocessor(Preprocessing preset, double sourceRate, double rate) {
    this.preset = preset;
    this.resampler = PolyphaseResampler.between(sourceRate, rate);
    this.bandPass = SecondOrderSections.butterworthBandPass(ORDER, LOW_HZ, HIGH_HZ, rate);
    this.median = new RunningMedian(RunningMedian.oddWidth(MEDIAN_SECONDS, rate));
  }

  /** Samples that {@link #apply} returns for this many samples of input. */
  public int outputLength(int length) {
    return resampler.outputLength(length);
  }

  /**
   * Resamples and filters leads of one length.
   *
   * @param millivolts samples in mV at the record's rate, not modified; NaN where missing
   * @return samples in mV at the wanted rate, NaN where invalid
   */
  public double[][] apply(float[][] millivolts) {
    double[][] result = new double[millivolts.length][];
    List<Integer> whole = new ArrayList<>();
    for (int lead = 0; lead < millivolts.length; lead++) {
      if (hasGaps(millivolts[lead])) {
        result[lead] = applyAroundGaps(millivolts[lead]);
      } else {
        result[lead] = resampler.resample(widen(millivolts[lead]));
        whole.add(lead);
      }
    }
    double[][] filtered = filter(whole.stream().map(lead -> result[lead]).toArray(double[][]::new));
    for (int i = 0; i < filtered.length; i++) {
      result[whole.get(i)] = filtered[i];
    }
    return result;
  }

  /** As {@link #apply(float[][])} for one lead. */
  public double[] apply(float[] millivolts) {
    return apply(new float[][] {millivolts})[0];
  }

  private static boolean hasGaps(float[] millivolts) {
    for (float value : millivolts) {
      if (!Float.isFinite(value)) {
        return true;
      }
    }
    return false;
  }

  private static double[] widen(float[] millivolts) {
    double[] signal = new double[millivolts.length];
    for (int i = 0; i < signal.length; i++) {
      signal[i] = millivolts[i];
    }
    return signal;
  }

  private double[] applyAroundGaps(float[] millivolts) {
    double[] signal = widen(millivolts);
    boolean[] missing = new boolean[signal.length];
    for (int i = 0; i < signal.length; i++) {
      missing[i] = !Float.isFinite(millivolts[i]);
    }
    bridge(signal, missing);
    double[] resampled = resampler.resample(signal);
    markTouched(resampled, missing);
    int start = 0;
    while (start < resampled.length) {
      int end = start;
      while (end < resampled.length && !Double.isNaN(resampled[end])) {
        end++;
      }
      double[] run = filter(new double[][] {Arrays.copyOfRange(resampled, start, end)})[0];
      System.arraycopy(run, 0, resampled, start, run.length);
      start = end + 1;
    }
    return resampled;
  }

  /** Filters runs of one length; those too short become invalid. */
  private double[][] filter(double[][] runs) {
    if (runs.length == 0 || runs[0].length <= PADDING) {
      for (double[] run : runs) {
        Arrays.fill(run, Double.NaN);
      }
      return runs;
    }
    double[][] filtered = bandPass.filterForwardBackward(runs, PADDING);
    if (preset == Preprocessing.PAPER) {
      for (double[] row : filtered) {
        double[] baseline = median.apply(row);
        for (int i = 0; i < row.length; i++) {
          row[i] -= baseline[i];
        }
      }
    }
    return filtered;
  }

  /**
   * Replaces missing samples by the straight line between their neighbours, to keep them finite.
   */
  private static void bridge(double[] signal, boolean[] missing) {
    int start = 0;
    while (start < signal.length) {
      if (!missing[start]) {
        start++;
        continue;
      }
      int end = start;
      while (end < signal.length && missing[end]) {
        end++;
      }
      double after = end < signal.length ? signal[end] : start > 0 ? signal[start - 1] : 0;
      double before = start > 0 ? signal[start - 1] : after;
      int steps = end - start + 1;
      for (int i = start; i < end; i++) {
        signal[i] = before + (after - before) * (i - start + 1) / steps;
      }
      start = end;
    }
  }

  private void markTouched(double[] resampled, boolean[] missing) {
    int[] before = new int[missing.length + 1];
    for (int i = 0; i < missing.length; i++) {
      before[i + 1] = before[i] + (missing[i] ? 1 : 0);
    }
    for (int m = 0; m < resampled.length; m++) {
      int from = Math.clamp(resampler.supportStart(m), 0, missing.length);
      int to = Math.clamp(resampler.supportEnd(m) + 1, 0, missing.length);
      if (before[to] > before[from]) {
        resampled[m] = Double.NaN;
      }
    }
  }
}
