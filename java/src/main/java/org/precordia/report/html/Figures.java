// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import java.util.Locale;

/**
 * Numbers as a report prints them, the same in every locale: a point, a true minus, thin blanks.
 */
public final class Figures {
  /** What stands where there is no number. */
  public static final String NONE = "–";

  private static final String MINUS = "\u2212";
  private static final String THIN = "\u202f";

  private Figures() {}

  /** A number with fixed decimals; thousands set apart from 10 000 on. */
  public static String number(double value, int decimals) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    String text = String.format(Locale.ROOT, "%." + decimals + "f", Math.abs(value));
    boolean negative = value < 0 && text.chars().anyMatch(c -> c >= '1' && c <= '9');
    return (negative ? MINUS : "") + grouped(text);
  }

  /** A number with its sign, also where it is positive. */
  public static String signed(double value, int decimals) {
    String text = number(value, decimals);
    boolean plus = value > 0 && !text.equals(number(0, decimals));
    return plus && Double.isFinite(value) ? "+" + text : text;
  }

  /** A number with this many significant digits, without exponent. */
  public static String significant(double value, int digits) {
    if (!Double.isFinite(value) || value == 0) {
      return number(value, 0);
    }
    int exponent = (int) Math.floor(Math.log10(Math.abs(value)));
    return number(value, Math.max(0, digits - 1 - exponent));
  }

  /** A probability with two digits; below 0.0001 that it is below. */
  public static String probability(double p) {
    return p < 1e-4 ? "< 0.0001" : significant(p, 2);
  }

  /** A count. */
  public static String count(long value) {
    return number(value, 0);
  }

  /** A number of things, with their name in the singular or plural. */
  public static String count(long value, String one, String many) {
    return count(value) + " " + (value == 1 ? one : many);
  }

  /** Bounds of an interval, {@code a to b}: a dash would be read as a minus. */
  public static String range(double low, double high, int decimals) {
    return Double.isFinite(low) && Double.isFinite(high)
        ? number(low, decimals) + " to " + number(high, decimals)
        : NONE;
  }

  private static String grouped(String text) {
    int point = text.indexOf('.');
    int whole = point < 0 ? text.length() : point;
    if (whole < 5) {
      return text;
    }
    StringBuilder grouped = new StringBuilder(text);
    for (int at = whole - 3; at > 0; at -= 3) {
      grouped.insert(at, THIN);
    }
    return grouped.toString();
  }
}
