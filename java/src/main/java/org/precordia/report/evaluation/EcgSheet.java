// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.Arrays;
import java.util.Locale;
import org.precordia.report.EcgPaper;
import org.precordia.report.chart.TracePath;
import org.precordia.report.html.Markup;

/**
 * A sheet of ECG paper within a page, to be drawn on: 25 mm/s, 10 mm/mV, one user unit a
 * millimetre, in the page's colours.
 */
final class EcgSheet {
  private final Markup out = new Markup();

  /**
   * @param id unique on the page
   * @param title what the drawing is
   * @param description what it shows, for those who do not see it
   * @param width in mm
   * @param height in mm
   * @param scale how much larger than paper it is shown
   */
  EcgSheet(String id, String title, String description, double width, double height, double scale) {
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "width",
        number(scale * width) + "mm",
        "height",
        number(scale * height) + "mm",
        "viewBox",
        "0 0 " + number(width) + " " + number(height),
        "role",
        "img",
        "aria-labelledby",
        id + "-t " + id + "-d");
    out.element("title", title, "id", id + "-t").element("desc", description, "id", id + "-d");
    StringBuilder fine = new StringBuilder();
    StringBuilder coarse = new StringBuilder();
    for (int x = 0; x <= width; x++) {
      (x % 5 == 0 ? coarse : fine).append('M').append(x).append(" 0v").append(number(height));
    }
    for (int y = 0; y <= height; y++) {
      (y % 5 == 0 ? coarse : fine).append("M0 ").append(y).append('h').append(number(width));
    }
    path("g1", fine.toString());
    path("g5", coarse.toString());
  }

  /** A calibration pulse of 1 mV and 0.2 s. */
  void pulse(double baseline) {
    path("true", "M1 %sh1v-10h%sv10h1".formatted(number(baseline), number(0.2 * EcgPaper.SPEED)));
  }

  /** A line; nothing where it has no points. */
  void path(String style, String data) {
    if (!data.isEmpty()) {
      out.empty("path", "class", style, "d", data);
    }
  }

  /**
   * A stretch of a signal; interrupted where it is missing.
   *
   * @param x where its first sample lies, in mm
   * @param level what lies on the base line, in mV
   */
  void trace(
      String style,
      double[] signal,
      int from,
      int to,
      double rate,
      double x,
      double baseline,
      double level) {
    TracePath path = new TracePath();
    for (int t = from; t < to; t++) {
      if (Double.isFinite(signal[t])) {
        path.lineTo(
            x + (t - from) / rate * EcgPaper.SPEED, baseline - (signal[t] - level) * EcgPaper.GAIN);
      } else {
        path.gap();
      }
    }
    path(style, path.data());
  }

  /** Text that begins at a place. */
  void text(String style, double x, double y, String text) {
    out.element("text", text, "class", style, "x", number(x), "y", number(y));
  }

  /** Begins a part that the page can hide. */
  void begin(String part) {
    out.open("g", "data-part", part);
  }

  /** Ends it. */
  void end() {
    out.closeInline();
  }

  Markup finish() {
    return out.close();
  }

  /** Median of what is there, 0 where there is nothing. */
  static double median(double[] signal) {
    double[] sorted = Arrays.stream(signal).filter(Double::isFinite).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? 0 : 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
  }

  /** The next line of the grid's coarse ones. */
  static double fives(double millimetres) {
    return 5 * Math.ceil(millimetres / 5 - 1e-9);
  }

  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
