// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.util.Arrays;

/**
 * Resamples and filters one lead at a time, from a record's own rate to the network's.
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
   * Resamples and filters a lead.
   *
   * @param millivolts samples in mV at the record's rate, not modified; NaN where missing
   * @return samples in mV at the wanted rate, NaN where invalid
   */
  public double[] apply(float[] millivolts) {
    double[] signal = new double[millivolts.length];
    boolean gaps = false;
    for (int i = 0; i < signal.length; i++) {
      signal[i] = millivolts[i];
      gaps |= !Float.isFinite(millivolts[i]);
    }
    if (!gaps) {
      double[] resampled = resampler.resample(signal);
      filterRun(resampled, 0, resampled.length);
      return resampled;
    }
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
      filterRun(resampled, start, end);
      start = end + 1;
    }
    return resampled;
  }

  private void filterRun(double[] signal, int start, int end) {
    if (end - start <= PADDING) {
      Arrays.fill(signal, start, end, Double.NaN);
      return;
    }
    double[] run = Arrays.copyOfRange(signal, start, end);
    double[] filtered = bandPass.filterForwardBackward(run, PADDING);
    if (preset == Preprocessing.PAPER) {
      double[] baseline = median.apply(filtered);
      for (int i = 0; i < filtered.length; i++) {
        filtered[i] -= baseline[i];
      }
    }
    System.arraycopy(filtered, 0, signal, start, filtered.length);
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
