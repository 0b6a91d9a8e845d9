// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import static org.precordia.report.evaluation.EcgSheet.fives;

import java.util.Arrays;
import java.util.Comparator;
import org.precordia.eval.interpretation.ClassDirection;
import org.precordia.eval.interpretation.Interpretation;
import org.precordia.report.EcgPaper;
import org.precordia.report.html.Markup;

/**
 * One beat of every target lead, a row a superclass: as the network reconstructs it, over it with h
 * moved all of the way from the normal mean to that of the superclass, and beneath what changed
 * with half and all of the way.
 */
final class DirectionDrawing {
  private static final double SCALE = 1.4;
  private static final double LEFT = 15;
  private static final double TOP = 5;
  private static final double GAP = 5;
  private static final double LEAST = 3;
  private static final double MOST = 40;
  private static final double BEFORE = 0.3;
  private static final double BEHIND = 0.5;
  private final Interpretation i;
  private final int from;
  private final int to;

  private DirectionDrawing(Interpretation interpretation) {
    this.i = interpretation;
    int samples = i.signals()[0].length;
    int before = (int) Math.round(BEFORE * i.rate());
    int length = before + (int) Math.round(BEHIND * i.rate());
    int middle = samples / 2;
    int peak =
        i.peaks().stream()
            .filter(p -> p >= before && p - before + length <= samples)
            .min(Comparator.comparingInt(p -> Math.abs(p - middle)))
            .orElse(middle);
    this.from = Math.max(0, peak - before);
    this.to = Math.min(samples, from + length);
  }

  static Markup draw(String id, Interpretation interpretation) {
    return new DirectionDrawing(interpretation).draw(id);
  }

  private Markup draw(String id) {
    int targets = i.targets().size();
    double cell = fives((to - from) / i.rate() * EcgPaper.SPEED) + GAP;
    double bottom = TOP;
    double[] baselines = new double[i.directions().size()];
    double[] zeros = new double[baselines.length];
    for (int row = 0; row < baselines.length; row++) {
      ClassDirection direction = i.directions().get(row);
      double[] beat = extent(direction, 0);
      double[] moved = extent(direction, ClassDirection.STEPS.size() - 1);
      double[] change = new double[2];
      for (int target = 0; target < targets; target++) {
        include(change, change(direction, ClassDirection.STEPS.size() - 1, target), 0);
      }
      baselines[row] = bottom + fives(Math.max(beat[0], moved[0]) + 1);
      zeros[row] = baselines[row] + fives(Math.max(beat[1], moved[1]) + change[0]);
      bottom = zeros[row] + fives(change[1] + 1);
    }
    EcgSheet sheet =
        new EcgSheet(
            id,
            "The reconstruction with h moved, record " + i.id(),
            "One beat of leads %s; a row each for h moved towards %s. The table has the changes."
                .formatted(
                    EvaluationReport.list(i.targets()),
                    EvaluationReport.sentence(
                        i.directions().stream().map(ClassDirection::superclass).toList())),
            LEFT + targets * cell,
            bottom,
            SCALE);
    for (int target = 0; target < targets; target++) {
      sheet.text("name", LEFT + target * cell, 3.5, i.targets().get(target).label());
    }
    for (int row = 0; row < baselines.length; row++) {
      ClassDirection direction = i.directions().get(row);
      sheet.text("name", 1, baselines[row] + 1, direction.superclass());
      for (int target = 0; target < targets; target++) {
        int last = ClassDirection.STEPS.size() - 1;
        double x = LEFT + target * cell;
        double level = level(direction, target);
        double[][] unmoved = direction.outputs().getFirst();
        trace(sheet, "made", direction.outputs().get(last)[target], x, baselines[row], level);
        trace(sheet, "true", unmoved[target], x, baselines[row], level);
        for (int step = 1; step <= last; step++) {
          String style = step == last ? "diff" : "diff half";
          trace(sheet, style, change(direction, step, target), x, zeros[row], 0);
        }
      }
    }
    return sheet.finish();
  }

  private static double level(ClassDirection direction, int target) {
    return EcgSheet.median(direction.outputs().getFirst()[target]);
  }

  private void trace(
      EcgSheet sheet, String style, double[] signal, double x, double baseline, double level) {
    sheet.trace(style, signal, from, to, i.rate(), x, baseline, level);
  }

  private static double[] change(ClassDirection direction, int step, int target) {
    double[] moved = direction.outputs().get(step)[target];
    double[] unmoved = direction.outputs().getFirst()[target];
    double[] change = new double[moved.length];
    Arrays.setAll(change, t -> moved[t] - unmoved[t]);
    return change;
  }

  /** Millimetres above and below the base line that a row's beats need. */
  private double[] extent(ClassDirection direction, int step) {
    double[] extent = {LEAST, LEAST};
    for (int target = 0; target < i.targets().size(); target++) {
      include(extent, direction.outputs().get(step)[target], level(direction, target));
    }
    return extent;
  }

  private void include(double[] extent, double[] signal, double level) {
    for (int t = from; t < to; t++) {
      double height = (signal[t] - level) * EcgPaper.GAIN;
      extent[0] = Math.min(MOST, Math.max(extent[0], height));
      extent[1] = Math.min(MOST, Math.max(extent[1], -height));
    }
  }
}
