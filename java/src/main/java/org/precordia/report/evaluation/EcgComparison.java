// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.Arrays;
import org.precordia.report.EcgPaper;
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

  private EcgComparison(double rate, double[] truth, double[] made) {
    this.rate = rate;
    this.truth = truth;
    this.made = made;
    this.median = EcgSheet.median(truth);
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
    double baseline = EcgSheet.fives(Math.min(above, MOST) + 1);
    double bottom = baseline + EcgSheet.fives(Math.min(below, MOST));
    double zero = bottom + EcgSheet.fives(Math.min(over, MOST));
    double height = made == null ? bottom : zero + EcgSheet.fives(Math.min(under, MOST));
    double width = PULSE + truth.length / rate * EcgPaper.SPEED + MARGIN;
    EcgSheet sheet = new EcgSheet(id, title, description, width, height, 1);
    sheet.pulse(baseline);
    if (made != null) {
      sheet.begin("reconstruction");
      trace(sheet, "made", made, median, baseline);
      sheet.end();
    }
    trace(sheet, "true", truth, median, baseline);
    if (made != null) {
      double[] difference = new double[truth.length];
      Arrays.setAll(difference, t -> made[t] - truth[t]);
      sheet.begin("difference");
      sheet.path(
          "base",
          "M%s %sH%s"
              .formatted(
                  EcgSheet.number(PULSE), EcgSheet.number(zero), EcgSheet.number(width - MARGIN)));
      trace(sheet, "diff", difference, 0, zero);
      sheet.text("", 1, zero + 1, "diff.");
      sheet.end();
    }
    return sheet.finish();
  }

  private void trace(EcgSheet sheet, String style, double[] signal, double level, double baseline) {
    sheet.trace(style, signal, 0, signal.length, rate, PULSE, baseline, level);
  }

  /** Height over the base line; 0 where there is nothing. */
  private double millimetres(double[] signal, int t) {
    return signal == null || !Double.isFinite(signal[t]) ? 0 : (signal[t] - median) * EcgPaper.GAIN;
  }
}
