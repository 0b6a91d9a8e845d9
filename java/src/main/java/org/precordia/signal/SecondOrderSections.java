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
    int length = signal.length;
    if (padding < 0 || length <= padding) {
      throw new IllegalArgumentException(
          "a signal of " + length + " samples cannot be extended by " + padding);
    }
    double[] extended = new double[length + 2 * padding];
    double first = signal[0];
    double last = signal[length - 1];
    for (int i = 0; i < padding; i++) {
      extended[i] = 2 * first - signal[padding - i];
      extended[padding + length + i] = 2 * last - signal[length - 2 - i];
    }
    System.arraycopy(signal, 0, extended, padding, length);
    runForward(extended);
    runBackward(extended);
    double[] result = new double[length];
    System.arraycopy(extended, padding, result, 0, length);
    return result;
  }

  private void runForward(double[] x) {
    double start = x[0];
    for (int s = 0; s < sections.length; s++) {
      double[] c = sections[s];
      double b0 = c[B0];
      double b1 = c[B1];
      double b2 = c[B2];
      double a1 = c[A1];
      double a2 = c[A2];
      double z1 = steadyState[s][0] * start;
      double z2 = steadyState[s][1] * start;
      for (int i = 0; i < x.length; i++) {
        double in = x[i];
        double out = b0 * in + z1;
        z1 = b1 * in - a1 * out + z2;
        z2 = b2 * in - a2 * out;
        x[i] = out;
      }
    }
  }

  private void runBackward(double[] x) {
    double start = x[x.length - 1];
    for (int s = 0; s < sections.length; s++) {
      double[] c = sections[s];
      double b0 = c[B0];
      double b1 = c[B1];
      double b2 = c[B2];
      double a1 = c[A1];
      double a2 = c[A2];
      double z1 = steadyState[s][0] * start;
      double z2 = steadyState[s][1] * start;
      for (int i = x.length - 1; i >= 0; i--) {
        double in = x[i];
        double out = b0 * in + z1;
        z1 = b1 * in - a1 * out + z2;
        z2 = b2 * in - a2 * out;
        x[i] = out;
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
