// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.interpretation;

import java.util.List;

/**
 * The window's reconstruction when h is moved along the line from the mean of normal records to
 * that of a superclass: h + α (mean of the class − mean of NORM).
 *
 * @param superclass the superclass
 * @param outputs target leads in mV for each of {@link #STEPS}, {@code [step][target][sample]}
 */
public record ClassDirection(String superclass, List<double[][]> outputs) {
  /** α. */
  public static final List<Double> STEPS = List.of(0.0, 0.5, 1.0);

  public ClassDirection {
    outputs = List.copyOf(outputs);
  }

  /** RMS change of a target over the window in mV at α = 1. */
  public double change(int target) {
    double[] before = outputs.getFirst()[target];
    double[] after = outputs.getLast()[target];
    double squares = 0;
    for (int t = 0; t < before.length; t++) {
      squares += (after[t] - before[t]) * (after[t] - before[t]);
    }
    return Math.sqrt(squares / before.length);
  }
}
