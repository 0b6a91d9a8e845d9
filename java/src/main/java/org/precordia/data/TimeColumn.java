// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * The sampling rate and the gaps that a column of times implies. Times may be rounded: the interval
 * is the mean of all steps that are no gaps, and a rate within what rounding explains is taken as
 * the round number it is.
 */
final class TimeColumn {
  /** A step longer than this many median steps leaves samples out. */
  private static final double GAP = 1.75;

  /** One step in so many must be doubled for the doubling to come from rounding. */
  private static final int ROUNDED_SHARE = 200;

  /** Far beyond any array, and still exact in floating point. */
  private static final double MOST_SAMPLES = 1L << 50;

  private final Path file;
  private final int firstLine;
  private final double[] seconds;
  private final double resolution;
  private final double rate;
  private final boolean[] gapBefore;
  private long length;
  private int gaps;

  /**
   * @param seconds the times, two or more
   * @param resolution the smallest difference that their digits can show, in seconds
   * @param given the sampling rate if it is known, else 0
   * @param firstLine line of the first time, for messages
   * @throws DataException when times do not increase, or not evenly
   */
  TimeColumn(Path file, double[] seconds, double resolution, double given, int firstLine)
      throws DataException {
    this.file = file;
    this.firstLine = firstLine;
    this.seconds = seconds;
    this.resolution = resolution;
    double[] steps = new double[seconds.length - 1];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = seconds[i + 1] - seconds[i];
      if (!(steps[i] > 0)) {
        throw error(firstLine + i + 1, "the time does not increase");
      }
    }
    double[] sorted = steps.clone();
    Arrays.sort(sorted);
    double threshold = threshold(sorted);
    gapBefore = new boolean[seconds.length];
    double sum = 0;
    int even = 0;
    for (int i = 0; i < steps.length; i++) {
      gapBefore[i + 1] = steps[i] > threshold;
      if (!gapBefore[i + 1]) {
        sum += steps[i];
        even++;
      }
    }
    double interval = given > 0 ? 1 / given : sum / even;
    if (!Double.isFinite(interval) || !Double.isFinite(1 / interval)) {
      throw error(firstLine + 1, "the time steps beyond all bounds");
    }
    for (int i = 0; i < steps.length; i++) {
      // Both ends of a step may be rounded by half the resolution.
      if (!gapBefore[i + 1] && Math.abs(steps[i] - interval) > interval / 10 + 1.01 * resolution) {
        throw error(
            firstLine + i + 1,
            "the time steps by %.6g s, elsewhere by %.6g s".formatted(steps[i], interval));
      }
    }
    rate = given > 0 ? given : rounded(1 / interval, even * interval);
    place(null, null);
  }

  /**
   * The longest step that leaves no sample out. Where an interval is no longer than the resolution,
   * as at 977 Hz in whole milliseconds, many a step takes two of them; where few do, as at 1000 Hz,
   * samples are missing.
   */
  private double threshold(double[] sorted) {
    double median = sorted[sorted.length / 2];
    double threshold = GAP * median;
    if (median < 1.5 * resolution) {
      long doubled =
          Arrays.stream(sorted).filter(s -> s > threshold && s < threshold + median).count();
      return doubled * ROUNDED_SHARE > sorted.length ? threshold + resolution : threshold;
    }
    return threshold;
  }

  /** Sampling rate in Hz. */
  double rate() {
    return rate;
  }

  /** Samples from first to last time, gaps included. */
  long length() {
    return length;
  }

  /** Number of gaps. */
  int gaps() {
    return gaps;
  }

  /** Spreads samples over the length, NaN in the gaps. */
  float[] spread(FloatList samples) throws DataException {
    float[] result = new float[(int) length];
    Arrays.fill(result, Float.NaN);
    place(samples, result);
    return result;
  }

  private void place(FloatList samples, float[] into) throws DataException {
    long at = 0;
    gaps = 0;
    for (int i = 0; i < seconds.length; i++) {
      if (gapBefore[i]) {
        double steps = (seconds[i] - seconds[i - 1]) * rate;
        if (!(at + steps < MOST_SAMPLES)) {
          throw error(firstLine + i, "the time jumps by more than can be held");
        }
        at += Math.max(0, Math.round(steps) - 1);
        gaps++;
      }
      if (into != null) {
        into[(int) at] = samples.get(i);
      }
      at++;
    }
    length = at;
  }

  /** The roundest number that differs no more than the resolution over the whole span allows. */
  private double rounded(double value, double span) {
    double tolerance = value * Math.max(1e-9, resolution / span);
    for (double scale = 1; scale < 1e9; scale *= 10) {
      double candidate = Math.rint(value * scale) / scale;
      if (candidate > 0 && Math.abs(candidate - value) <= tolerance) {
        return candidate;
      }
    }
    return value;
  }

  private DataException error(int line, String problem) {
    return new DataException(
        file, line, problem, "sort the rows by time, or remove the column and give the rate");
  }
}
