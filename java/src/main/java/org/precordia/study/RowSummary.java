// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;
import java.util.Map;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;

/**
 * One row of a study's table.
 *
 * @param name name of the row
 * @param what what it is
 * @param parameters number of trained or fitted parameters
 * @param seeds seeds that it was trained with; empty where there is nothing random
 * @param figures every number of the row's evaluations over seeds, by its place in their JSON, for
 *     example {@code mean/rmse_window} or {@code leads/V1/pearson}
 * @param rmse RMSE of a window in mV, mean over seeds
 * @param interval its 95 % patient-bootstrap interval; null with fewer than 30 patients
 * @param against change of the RMSE of a window against other rows, by their name
 */
public record RowSummary(
    String name,
    String what,
    long parameters,
    List<Integer> seeds,
    Map<String, Spread> figures,
    double rmse,
    Interval interval,
    Map<String, Change> against) {

  /**
   * Change of the RMSE of a window against another row.
   *
   * @param seeds in percent, a value a seed that both rows have
   * @param interval 95 % patient-bootstrap interval of the change of the mean over seeds; null with
   *     fewer than 30 patients
   */
  public record Change(Spread seeds, Interval interval) {}

  /** A mean over leads. */
  public Spread figure(Metric metric) {
    return figure("mean/" + metric.key());
  }

  /** A figure by its place; without values where there is none. */
  public Spread figure(String place) {
    return figures.getOrDefault(place, new Spread(List.of()));
  }
}
