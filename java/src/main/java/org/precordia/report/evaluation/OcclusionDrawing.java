// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.evaluation.EcgSheet.fives;
import static org.precordia.report.evaluation.EcgSheet.number;

import java.util.Arrays;
import java.util.Locale;
import org.precordia.eval.interpretation.Interpretation;
import org.precordia.report.EcgPaper;
import org.precordia.report.html.Figures;
import org.precordia.report.html.Markup;

/**
 * The input leads of a window one beneath the other, and under each a bar a sample: how much the
 * reconstruction changes when the lead is occluded there. All bars have one scale.
 */
final class OcclusionDrawing {
  private static final double SCALE = 2;
  private static final double LEFT = 10;
  private static final double LEAST = 3;
  private static final double MOST = 40;
  private static final double BARS = 10;

  private OcclusionDrawing() {}

  static Markup draw(String id, Interpretation i) {
    int samples = i.signals()[0].length;
    double[][] bars = new double[i.inputs().size()][];
    Arrays.setAll(bars, lead -> i.occlusion().bySample(lead, samples));
    double most = Arrays.stream(bars).flatMapToDouble(Arrays::stream).max().orElse(0);
    double[] baselines = new double[bars.length];
    double[] feet = new double[bars.length];
    double bottom = 0;
    for (int lead = 0; lead < bars.length; lead++) {
      double level = EcgSheet.median(i.signals()[lead]);
      double above = LEAST;
      double below = LEAST;
      for (double value : i.signals()[lead]) {
        above = Math.max(above, (value - level) * EcgPaper.GAIN);
        below = Math.max(below, (level - value) * EcgPaper.GAIN);
      }
      baselines[lead] = bottom + fives(Math.min(above, MOST) + 2);
      feet[lead] = baselines[lead] + fives(Math.min(below, MOST)) + BARS;
      bottom = feet[lead];
    }
    EcgSheet sheet =
        new EcgSheet(
            id,
            "Input samples that mattered, record " + i.id(),
            "Leads %s on ECG paper; beneath each, bars that say how much the reconstruction changes when the lead is occluded there. The table has the means."
                .formatted(EvaluationReport.list(i.inputs())),
            LEFT + samples / i.rate() * EcgPaper.SPEED + 1,
            bottom + 2,
            SCALE);
    for (int lead = 0; lead < bars.length; lead++) {
      sheet.path("heat", bars(bars[lead], most, feet[lead], i.rate()));
      sheet.trace(
          "true",
          i.signals()[lead],
          0,
          samples,
          i.rate(),
          LEFT,
          baselines[lead],
          EcgSheet.median(i.signals()[lead]));
      sheet.text("name", 1, baselines[lead] + 1, i.inputs().get(lead).label());
    }
    return sheet.finish();
  }

  /** What the largest bar stands for, in µV. */
  static String largest(Interpretation i) {
    double most = 0;
    for (int lead = 0; lead < i.inputs().size(); lead++) {
      double[] bars = i.occlusion().bySample(lead, i.signals()[lead].length);
      most = Math.max(most, Arrays.stream(bars).max().orElse(0));
    }
    return Figures.number(1000 * most, 0);
  }

  private static String bars(double[] values, double most, double foot, double rate) {
    double width = EcgPaper.SPEED / rate;
    StringBuilder data = new StringBuilder();
    for (int t = 0; t < values.length; t++) {
      double height = most > 0 ? (BARS - 2) * values[t] / most : 0;
      if (height >= 0.05) {
        data.append(
            "M%s %sv-%sh%sv%sZ"
                .formatted(
                    fine(LEFT + (t - 0.5) * width),
                    number(foot),
                    fine(height),
                    fine(width),
                    fine(height)));
      }
    }
    return data.toString();
  }

  private static String fine(double millimetres) {
    return String.format(Locale.ROOT, "%.2f", millimetres);
  }
}
