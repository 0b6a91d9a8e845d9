// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.Arrays;
import java.util.Locale;
import org.precordia.report.EcgPaper;
import org.precordia.report.chart.TracePath;
import org.precordia.report.html.Markup;

/**
 * Draws one lead on ECG paper for a page: 25 mm/s, 10 mm/mV, the recorded lead, the reconstructed
 * one over it, and their difference beneath at the same gain. One user unit is one millimetre, and
 * the colours are the page's. Traces are shifted so that the recorded lead's median lies on the
 * base line; the difference is not shifted.
 */
final class EcgComparison {
  private static final double PULSE = 8;
  private static final double MARGIN = 1;
  private static final double LEAST = 5;

  /** Millimetres to either side of a base line; what goes beyond is cut, 6 mV are no heart's. */
  private static final double MOST = 60;

  private final double rate;
  private final double[] truth;
  private final double[] made;
  private final double median;
  private final Markup out = new Markup();

  private EcgComparison(double rate, double[] truth, double[] made) {
    this.rate = rate;
    this.truth = truth;
    this.made = made;
    this.median = median(truth);
  }

  /**
   * Draws a lead.
   *
   * @param id unique on the page
   * @param title what the drawing is
   * @param description what it shows, for those who do not see it
   * @param rate sampling rate in Hz
   * @param truth the recorded lead in mV; NaN where it is missing
   * @param made the reconstructed lead, or null where the lead was an input
   */
  static Markup draw(
      String id, String title, String description, double rate, double[] truth, double[] made) {
    return new EcgComparison(rate, truth, made).draw(id, title, description);
  }

  private Markup draw(String id, String title, String description) {
    double above = EcgPaper.GAIN;
    double below = LEAST;
    double over = LEAST;
    double under = LEAST;
    for (int t = 0; t < truth.length; t++) {
      above = Math.max(above, Math.max(millimetres(truth, t), millimetres(made, t)));
      below = Math.max(below, Math.max(-millimetres(truth, t), -millimetres(made, t)));
      if (made != null && Double.isFinite(truth[t]) && Double.isFinite(made[t])) {
        double apart = (made[t] - truth[t]) * EcgPaper.GAIN;
        over = Math.max(over, apart);
        under = Math.max(under, -apart);
      }
    }
    double baseline = fives(Math.min(above, MOST) + 1);
    double bottom = baseline + fives(Math.min(below, MOST));
    double zero = bottom + fives(Math.min(over, MOST));
    double height = made == null ? bottom : zero + fives(Math.min(under, MOST));
    double width = PULSE + truth.length / rate * EcgPaper.SPEED + MARGIN;
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "width",
        number(width) + "mm",
        "height",
        number(height) + "mm",
        "viewBox",
        "0 0 " + number(width) + " " + number(height),
        "role",
        "img",
        "aria-labelledby",
        id + "-t " + id + "-d");
    out.element("title", title, "id", id + "-t").element("desc", description, "id", id + "-d");
    grid(width, height);
    String pulse = "M1 %sh1v-10h%sv10h1".formatted(number(baseline), number(0.2 * EcgPaper.SPEED));
    path("true", pulse);
    if (made != null) {
      out.open("g", "data-part", "reconstruction");
      path("made", trace(made, median, baseline));
      out.closeInline();
    }
    path("true", trace(truth, median, baseline));
    if (made != null) {
      double[] difference = new double[truth.length];
      Arrays.setAll(difference, t -> made[t] - truth[t]);
      out.open("g", "data-part", "difference");
      path("base", "M%s %sH%s".formatted(number(PULSE), number(zero), number(width - MARGIN)));
      path("diff", trace(difference, 0, zero));
      out.element("text", "diff.", "x", "1", "y", number(zero + 1));
      out.closeInline();
    }
    return out.close();
  }

  private void grid(double width, double height) {
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

  private void path(String style, String data) {
    if (!data.isEmpty()) {
      out.empty("path", "class", style, "d", data);
    }
  }

  private String trace(double[] signal, double level, double baseline) {
    TracePath path = new TracePath();
    for (int t = 0; t < signal.length; t++) {
      if (Double.isFinite(signal[t])) {
        path.lineTo(
            PULSE + t / rate * EcgPaper.SPEED, baseline - (signal[t] - level) * EcgPaper.GAIN);
      } else {
        path.gap();
      }
    }
    return path.data();
  }

  /** Height over the base line; 0 where there is nothing. */
  private double millimetres(double[] signal, int t) {
    return signal == null || !Double.isFinite(signal[t]) ? 0 : (signal[t] - median) * EcgPaper.GAIN;
  }

  private static double median(double[] signal) {
    double[] sorted = Arrays.stream(signal).filter(Double::isFinite).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? 0 : 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
  }

  private static double fives(double millimetres) {
    return 5 * Math.ceil(millimetres / 5 - 1e-9);
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
