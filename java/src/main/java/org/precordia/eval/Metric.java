// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

/**
 * The columns of an evaluation (docs/evaluation.md). Means go over leads, then over windows; pooled
 * figures go over all samples.
 */
public enum Metric {
  /** Root mean square error of a window, averaged over windows; mV. */
  RMSE_WINDOW("rmse_window", "RMSE/window", true),
  /** Root of the mean squared error over all samples; mV. */
  RMSE_POOLED("rmse_pooled", "RMSE pooled", true),
  /** Mean absolute error; mV. */
  MAE("mae", "MAE", true),
  /** Pearson's correlation of a window, averaged over windows whose truth is not flat. */
  PEARSON("pearson", "Pearson", false),
  /** 1 − SSE/SST over the whole fold, a lead; the mean is the mean of the leads' values. */
  R2("r2", "R2", false),
  /** 1 − SSE/SST of a window, averaged over windows whose truth is not flat. */
  R2_WINDOW("r2_window", "R2/window", false);

  private final String key;
  private final String title;
  private final boolean millivolt;

  Metric(String key, String title, boolean millivolt) {
    this.key = key;
    this.title = title;
    this.millivolt = millivolt;
  }

  /** Name in JSON. */
  public String key() {
    return key;
  }

  /** Column title. */
  public String title() {
    return title;
  }

  /** Whether the unit is mV; otherwise the figure has none. */
  public boolean millivolt() {
    return millivolt;
  }
}
