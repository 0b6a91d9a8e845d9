// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Arrays;

/**
 * Joins the reconstructions of overlapping windows: at each sample the mean over windows, weighted
 * with sin²(π(t + ½)/L). A sample that no window covers is NaN.
 */
public final class OverlapAdd {
  private final int window;
  private final double[] taper;
  private final double[][] sums;
  private final double[] weights;

  /**
   * Joins nothing yet.
   *
   * @param length samples of the record
   * @param leads leads that are joined
   * @param window L, samples of a window
   */
  public OverlapAdd(int length, int leads, int window) {
    this.window = window;
    this.taper = new double[window];
    for (int t = 0; t < window; t++) {
      double sine = Math.sin(Math.PI * (t + 0.5) / window);
      taper[t] = sine * sine;
    }
    this.sums = new double[leads][length];
    this.weights = new double[length];
  }

  /**
   * Adds a window.
   *
   * @param start its first sample in the record
   * @param values samples, {@code [L, leads]} interleaved
   * @param offset of the window's first value
   */
  public void add(int start, float[] values, int offset) {
    int leads = sums.length;
    for (int t = 0; t < window; t++) {
      weights[start + t] += taper[t];
      for (int lead = 0; lead < leads; lead++) {
        sums[lead][start + t] += taper[t] * values[offset + t * leads + lead];
      }
    }
  }

  /** One lead of the record. */
  public double[] lead(int lead) {
    double[] joined = new double[weights.length];
    Arrays.setAll(joined, t -> weights[t] > 0 ? sums[lead][t] / weights[t] : Double.NaN);
    return joined;
  }
}
