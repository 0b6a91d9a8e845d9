// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import java.util.ArrayList;
import java.util.List;
import org.precordia.report.html.Figures;

/**
 * One axis of a chart: which values it spans, and at which of them ticks stand. Linear axes have
 * ticks at multiples of 1, 2 or 5 times a power of ten; logarithmic ones end at 1, 2 or 5 times a
 * power of ten, and have ticks there too where they are short, else at the powers alone.
 *
 * @param label what it shows, with the unit
 * @param log whether it is logarithmic
 * @param low lowest value
 * @param high highest value
 * @param ticks values of the ticks, ascending
 * @param decimals decimals of a linear axis' tick labels
 */
public record Axis(
    String label, boolean log, double low, double high, List<Double> ticks, int decimals) {
  private static final int WANTED = 6;
  private static final double SHORT = 100;
  private static final int[] MANTISSAS = {1, 2, 5};

  /** A linear axis that holds all values, ends at ticks and has about six of them. */
  public static Axis linear(String label, double low, double high) {
    double span = high > low ? high - low : Math.max(1e-9, Math.abs(high));
    double step = step(span / WANTED);
    long first = (long) Math.floor(low / step + 1e-9);
    long last = Math.max(first + 1, (long) Math.ceil(high / step - 1e-9));
    List<Double> ticks = new ArrayList<>();
    for (long i = first; i <= last; i++) {
      ticks.add(i * step);
    }
    int decimals = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
    return new Axis(label, false, first * step, last * step, ticks, decimals);
  }

  /** A linear axis from 0 that holds a largest value. */
  public static Axis fromZero(String label, double high) {
    return linear(label, 0, high);
  }

  /** A logarithmic axis that holds all values, which must be positive. */
  public static Axis log(String label, double low, double high) {
    if (!(low > 0) || !(high >= low)) {
      throw new IllegalArgumentException(
          "a logarithmic axis needs positive bounds in order, was %s to %s".formatted(low, high));
    }
    List<Double> steps = new ArrayList<>();
    for (int e = (int) Math.floor(Math.log10(low)) - 1; e <= Math.log10(high) + 2; e++) {
      for (int mantissa : MANTISSAS) {
        steps.add(mantissa * Math.pow(10, e));
      }
    }
    double bottom = steps.stream().filter(v -> v <= low * (1 + 1e-9)).reduce((a, b) -> b).get();
    double top = steps.stream().filter(v -> v > bottom && v >= high * (1 - 1e-9)).findFirst().get();
    boolean tens = top / bottom > SHORT;
    List<Double> ticks =
        steps.stream()
            .filter(v -> v >= bottom && v <= top)
            .filter(v -> !tens || Math.abs(Math.log10(v) - Math.rint(Math.log10(v))) < 1e-6)
            .toList();
    return new Axis(label, true, bottom, top, ticks, 0);
  }

  /** Where a value lies, 0 at the low end and 1 at the high one. */
  double fraction(double value) {
    return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  }

  /** Whether a value can be shown. */
  boolean holds(double value) {
    double at = fraction(value);
    return at >= -1e-9 && at <= 1 + 1e-9;
  }

  /** What stands at a tick. */
  String text(double tick) {
    if (!log) {
      return Figures.number(tick, decimals);
    }
    return Figures.significant(tick, 1);
  }

  private static double step(double rough) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double lead = rough / power;
    return power * (lead < 1.4 ? 1 : lead < 3.2 ? 2 : lead < 7.1 ? 5 : 10);
  }
}
