// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import uk.me.berndporr.iirj.Biquad;
import uk.me.berndporr.iirj.Butterworth;

/**
 * A recursive filter as a cascade of second-order sections in transposed direct form II, applied
 * forwards and backwards so that it has no phase.
 *
 * <p>Section {@code i} computes {@code y = b0 x + z1}, {@code z1 = b1 x - a1 y + z2}, {@code z2 =
 * b2 x - a2 y}. The Butterworth band-pass is designed by iirj (bilinear transform with prewarped
 * edges) and equals scipy's {@code butter(order, [low, high], 'band', output='sos')} to rounding;
 * {@link #filterForwardBackward} equals {@code sosfiltfilt} with odd padding.
 *
 * <p>Immutable and safe for concurrent use.
 */
public final class SecondOrderSections {
  private static final int B0 = 0;
  private static final int B1 = 1;
  private static final int B2 = 2;
  private static final int A1 = 3;
  private static final int A2 = 4;

  /** Signals that are filtered side by side. */
  private static final int LANES = 4;

  /** {@code [section][b0, b1, b2, a1, a2]}, a0 = 1. */
  private final double[][] sections;

  /** {@code [section][z1, z2]}: the state in which a unit step has been present for ever. */
  private final double[][] steadyState;

  private SecondOrderSections(double[][] sections) {
    this.sections = sections;
    this.steadyState = steadyState(sections);
  }

  /**
   * A Butterworth band-pass of {@code 2 * order} poles.
   *
   * @param order order of the low-pass prototype, at least 1
   * @param low lower -3 dB edge in Hz
   * @param high upper -3 dB edge in Hz, below half the sampling rate
   * @param rate sampling rate in Hz
   * @throws IllegalArgumentException when the edges do not satisfy {@code 0 < low < high < rate/2}
   */
  public static SecondOrderSections butterworthBandPass(
      int order, double low, double high, double rate) {
    if (order < 1 || !(0 < low && low < high && high < rate / 2)) {
      throw new IllegalArgumentException(
          "band-pass needs order >= 1 and 0 < low < high < rate/2, was order "
              + order
              + ", "
              + low
              + " to "
              + high
              + " Hz at "
              + rate
              + " Hz");
    }
    Butterworth design = new Butterworth();
    design.bandPass(order, rate, (low + high) / 2, high - low);
    double[][] sections = new double[design.getNumBiquads()][];
    for (int i = 0; i < sections.length; i++) {
      Biquad biquad = design.getBiquad(i);
      double a0 = biquad.getA0();
      sections[i] =
          new double[] {
            biquad.getB0() / a0,
            biquad.getB1() / a0,
            biquad.getB2() / a0,
            biquad.getA1() / a0,
            biquad.getA2() / a0
          };
    }
    return new SecondOrderSections(sections);
  }

  /** Number of second-order sections. */
  public int count() {
    return sections.length;
  }

  /** Samples of odd extension that scipy's {@code sosfiltfilt} would choose: 3 (2 count + 1). */
  public int defaultPadding() {
    return 3 * (2 * sections.length + 1);
  }

  /**
   * Filters forwards and then backwards. Both ends are extended by {@code padding} samples, each
   * the point reflection of the signal about its end sample, and each pass starts in the steady
   * state of its first sample.
   *
   * @param signal samples, not modified; no NaN
   * @param padding samples of extension at each end, fewer than there are samples
   * @return a new array of the same length
   * @throws IllegalArgumentException when the signal has {@code padding} samples or fewer
   */
  public double[] filterForwardBackward(double[] signal, int padding) {
    return filterForwardBackward(new double[][] {signal}, padding)[0];
  }

  /**
   * As {@link #filterForwardBackward(double[], int)} for several signals of one length, each by
   * itself, in less time.
   */
  public double[][] filterForwardBackward(double[][] signals, int padding) {
    double[][] result = new double[signals.length][];
    int length = signals.length == 0 ? 0 : signals[0].length;
    for (double[] signal : signals) {
      if (padding < 0 || signal.length <= padding) {
        throw new IllegalArgumentException(
            "a signal of " + signal.length + " samples cannot be extended by " + padding);
      }
      if (signal.length != length) {
        throw new IllegalArgumentException(
            "signals of " + length + " and " + signal.length + " samples, need one length");
      }
    }
    double[] lanes = new double[(length + 2 * padding) * LANES];
    for (int first = 0; first < signals.length; first += LANES) {
      int count = Math.min(LANES, signals.length - first);
      for (int lane = 0; lane < count; lane++) {
        extend(signals[first + lane], padding, lanes, lane);
      }
      run(lanes);
      reverse(lanes);
      run(lanes);
      for (int lane = 0; lane < count; lane++) {
        double[] row = new double[length];
        int at = (padding + length) * LANES - 1 - lane;
        for (int t = 0; t < length; t++) {
          row[t] = lanes[at - t * LANES];
        }
        result[first + lane] = row;
      }
    }
    return result;
  }

  private static void extend(double[] signal, int padding, double[] lanes, int lane) {
    int length = signal.length;
    double first = signal[0];
    double last = signal[length - 1];
    for (int i = 0; i < padding; i++) {
      lanes[i * LANES + lane] = 2 * first - signal[padding - i];
      lanes[(padding + length + i) * LANES + lane] = 2 * last - signal[length - 2 - i];
    }
    for (int t = 0; t < length; t++) {
      lanes[(padding + t) * LANES + lane] = signal[t];
    }
  }

  /** Turns the order of time round, and that of the lanes with it. */
  private static void reverse(double[] lanes) {
    for (int i = 0, j = lanes.length - 1; i < j; i++, j--) {
      double swapped = lanes[i];
      lanes[i] = lanes[j];
      lanes[j] = swapped;
    }
  }

  /**
   * Runs the cascade over four interleaved signals: what one waits for in its recurrence, the
   * others use.
   */
  private void run(double[] x) {
    double start0 = x[0];
    double start1 = x[1];
    double start2 = x[2];
    double start3 = x[3];
    for (int s = 0; s < sections.length; s++) {
      double b0 = sections[s][B0];
      double b1 = sections[s][B1];
      double b2 = sections[s][B2];
      double a1 = -sections[s][A1];
      double a2 = -sections[s][A2];
      double steady1 = steadyState[s][0];
      double steady2 = steadyState[s][1];
      double p0 = steady1 * start0;
      double p1 = steady1 * start1;
      double p2 = steady1 * start2;
      double p3 = steady1 * start3;
      double q0 = steady2 * start0;
      double q1 = steady2 * start1;
      double q2 = steady2 * start2;
      double q3 = steady2 * start3;
      for (int i = 0; i < x.length - LANES + 1; i += LANES) {
        double in0 = x[i];
        double in1 = x[i + 1];
        double in2 = x[i + 2];
        double in3 = x[i + 3];
        double out0 = Math.fma(b0, in0, p0);
        double out1 = Math.fma(b0, in1, p1);
        double out2 = Math.fma(b0, in2, p2);
        double out3 = Math.fma(b0, in3, p3);
        p0 = Math.fma(a1, out0, Math.fma(b1, in0, q0));
        p1 = Math.fma(a1, out1, Math.fma(b1, in1, q1));
        p2 = Math.fma(a1, out2, Math.fma(b1, in2, q2));
        p3 = Math.fma(a1, out3, Math.fma(b1, in3, q3));
        q0 = Math.fma(a2, out0, b2 * in0);
        q1 = Math.fma(a2, out1, b2 * in1);
        q2 = Math.fma(a2, out2, b2 * in2);
        q3 = Math.fma(a2, out3, b2 * in3);
        x[i] = out0;
        x[i + 1] = out1;
        x[i + 2] = out2;
        x[i + 3] = out3;
      }
    }
  }

  /** The state each section holds when the cascade's input has always been 1. */
  private static double[][] steadyState(double[][] sections) {
    double[][] state = new double[sections.length][2];
    double input = 1;
    for (int s = 0; s < sections.length; s++) {
      double[] c = sections[s];
      double gain = (c[B0] + c[B1] + c[B2]) / (1 + c[A1] + c[A2]);
      state[s][0] = input * (c[B1] + c[B2] - (c[A1] + c[A2]) * gain);
      state[s][1] = input * (c[B2] - c[A2] * gain);
      input *= gain;
    }
    return state;
  }
}
