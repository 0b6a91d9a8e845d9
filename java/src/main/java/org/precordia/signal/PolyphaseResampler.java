// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

/**
 * Changes the sampling rate by a rational factor {@code up/down}: zero stuffing, a linear-phase
 * low-pass and decimation, of which only the products that count are computed.
 *
 * <p>The low-pass has {@code 20 max(up, down) + 1} taps: the ideal response cut at the lower of the
 * two Nyquist frequencies under a Kaiser window of beta 5.0, scaled to unit gain at 0 Hz. Beyond
 * its ends the signal goes on along the straight line through its first and last samples. This
 * equals scipy's {@code resample_poly(x, up, down, padtype='line')}.
 *
 * <p>Immutable and safe for concurrent use.
 */
public final class PolyphaseResampler {
  private static final double KAISER_BETA = 5.0;
  private static final int HALF_WIDTH = 10;
  private static final int LARGEST_TERM = 10_000;

  private final int up;
  private final int down;

  /** Taps before and after the centre of the filter, at the rate {@code up * from}. */
  private final int half;

  /**
   * {@code [phase][j]}: filter taps {@code phase + j * up}, reversed so that a dot product runs
   * forward.
   */
  private final double[][] phases;

  private PolyphaseResampler(int up, int down) {
    this.up = up;
    this.down = down;
    this.half = HALF_WIDTH * Math.max(up, down);
    this.phases = up == 1 && down == 1 ? new double[0][] : phases(up, half);
  }

  /**
   * A resampler between two rates.
   *
   * @param from rate of the input in Hz
   * @param to rate of the output in Hz
   * @throws IllegalArgumentException when a rate is not positive or their ratio is not one of
   *     integers up to 10,000
   */
  public static PolyphaseResampler between(double from, double to) {
    if (!(from > 0) || !(to > 0) || Double.isInfinite(from) || Double.isInfinite(to)) {
      throw new IllegalArgumentException(
          "sampling rates must be positive, were " + from + " and " + to + " Hz");
    }
    // Continued fraction of to/from: the first convergent that reproduces the ratio to rounding.
    double ratio = to / from;
    double rest = ratio;
    long p0 = 1;
    long q0 = 0;
    long p1 = (long) Math.floor(rest);
    long q1 = 1;
    while (Math.abs((double) p1 / q1 - ratio) > 1e-12 * ratio) {
      rest = 1 / (rest - Math.floor(rest));
      long term = (long) Math.floor(rest);
      long p2 = term * p1 + p0;
      long q2 = term * q1 + q0;
      if (p2 > LARGEST_TERM || q2 > LARGEST_TERM) {
        throw new IllegalArgumentException(
            "cannot resample from "
                + from
                + " to "
                + to
                + " Hz: the ratio is not one of integers up to "
                + LARGEST_TERM);
      }
      p0 = p1;
      q0 = q1;
      p1 = p2;
      q1 = q2;
    }
    if (p1 > LARGEST_TERM) {
      throw new IllegalArgumentException(
          "cannot resample from " + from + " to " + to + " Hz: the factor exceeds " + LARGEST_TERM);
    }
    return new PolyphaseResampler((int) p1, (int) q1);
  }

  /** Interpolation factor in lowest terms. */
  public int up() {
    return up;
  }

  /** Decimation factor in lowest terms. */
  public int down() {
    return down;
  }

  /** Number of output samples for this many input samples: {@code ceil(length * up / down)}. */
  public int outputLength(int length) {
    return Math.toIntExact(((long) length * up + down - 1) / down);
  }

  /** The first input sample, possibly negative, that output sample {@code index} depends on. */
  long supportStart(long index) {
    return phases.length == 0 ? index : Math.ceilDiv(index * down - half, (long) up);
  }

  /**
   * The last input sample, possibly beyond the end, that output sample {@code index} depends on.
   */
  long supportEnd(long index) {
    return phases.length == 0 ? index : Math.floorDiv(index * down + half, (long) up);
  }

  /**
   * Resamples a signal. Output sample 0 lies at the time of input sample 0.
   *
   * @param signal samples, not modified; no NaN
   * @return a new array of {@link #outputLength} samples
   */
  public double[] resample(double[] signal) {
    if (phases.length == 0 || signal.length == 0) {
      return signal.clone();
    }
    int length = signal.length;
    int margin = half / up + 1;
    double[] padded = new double[length + 2 * margin];
    System.arraycopy(signal, 0, padded, margin, length);
    double slope = length == 1 ? 0 : (signal[length - 1] - signal[0]) / (length - 1);
    for (int i = 1; i <= margin; i++) {
      padded[margin - i] = signal[0] - i * slope;
      padded[margin + length - 1 + i] = signal[length - 1] + i * slope;
    }
    double[] result = new double[outputLength(length)];
    for (int m = 0; m < result.length; m++) {
      long latest = (long) m * down + half;
      double[] taps = phases[(int) (latest % up)];
      int end = (int) (latest / up) + margin;
      int start = end - taps.length + 1;
      double sum = 0;
      for (int j = 0; j < taps.length; j++) {
        sum += taps[j] * padded[start + j];
      }
      result[m] = sum;
    }
    return result;
  }

  private static double[][] phases(int up, int half) {
    int taps = 2 * half + 1;
    double cutoff = 10.0 / half;
    double[] filter = new double[taps];
    double total = 0;
    for (int i = 0; i < taps; i++) {
      int m = i - half;
      double x = Math.PI * cutoff * m;
      double sinc = m == 0 ? 1 : Math.sin(x) / x;
      double edge = (double) m / half;
      filter[i] =
          cutoff
              * sinc
              * besselI0(KAISER_BETA * Math.sqrt(1 - edge * edge))
              / besselI0(KAISER_BETA);
      total += filter[i];
    }
    double[][] phases = new double[up][];
    for (int phase = 0; phase < up; phase++) {
      int count = (taps - phase + up - 1) / up;
      phases[phase] = new double[count];
      for (int j = 0; j < count; j++) {
        phases[phase][count - 1 - j] = filter[phase + j * up] * up / total;
      }
    }
    return phases;
  }

  /** Modified Bessel function of the first kind and order 0, by its power series. */
  private static double besselI0(double x) {
    double quarter = x * x / 4;
    double term = 1;
    double sum = 1;
    for (int k = 1; term > 1e-18 * sum; k++) {
      term *= quarter / ((double) k * k);
      sum += term;
    }
    return sum;
  }
}
