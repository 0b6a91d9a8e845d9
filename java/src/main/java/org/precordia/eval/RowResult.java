// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;

/**
 * One row of an evaluation table.
 *
 * @param name {@code mean}, {@code ridge}, {@code no-h} or {@code model}
 * @param parameters number of trained parameters
 * @param mean figures over all target leads
 * @param leads figures of each target lead, in order
 * @param againstRidge change relative to the ridge row; null for rows that are not compared
 * @param againstNoH change of the model relative to the row without pathology branch; null for
 *     other rows, and where there is no such row
 */
public record RowResult(
    String name,
    long parameters,
    Figures mean,
    Map<Lead, Figures> leads,
    Comparison againstRidge,
    Comparison againstNoH) {

  /**
   * Figures of one lead, or of the mean over leads.
   *
   * @param values a value a metric; NaN where it is not defined
   * @param intervals 95 % patient-bootstrap intervals; empty with fewer than 30 patients
   * @param pearson5 5th percentile over windows of Pearson's correlation; NaN where not defined
   * @param windows windows that count
   * @param flatWindows of these, windows whose truth is too flat for a correlation
   */
  public record Figures(
      Map<Metric, Double> values,
      Map<Metric, Interval> intervals,
      double pearson5,
      long windows,
      long flatWindows) {}

  /**
   * Paired change against another row on the same patients.
   *
   * @param rmsePercent change of the RMSE per window in percent; negative is better
   * @param rmseInterval its interval, or null
   * @param pearson difference of the mean correlation; positive is better
   * @param pearsonInterval its interval, or null
   */
  public record Comparison(
      double rmsePercent, Interval rmseInterval, double pearson, Interval pearsonInterval) {}

  RowResult withAgainstNoH(Comparison comparison) {
    return new RowResult(name, parameters, mean, leads, againstRidge, comparison);
  }

  /** The target leads. */
  public List<Lead> targets() {
    return List.copyOf(leads.keySet());
  }
}
