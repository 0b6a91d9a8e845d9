// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;

/**
 * How the rows of an evaluation did on one record.
 *
 * @param index position in the shard
 * @param id identifier in the data set
 * @param patient the patient's identifier in the data set
 * @param superclasses diagnostic superclasses of any likelihood
 * @param windows windows in the figures
 * @param rows scores by name of the row
 */
public record RecordResult(
    int index,
    String id,
    String patient,
    List<String> superclasses,
    int windows,
    Map<String, Scores> rows) {

  /**
   * Scores of one row on one record.
   *
   * @param rmse RMSE of a window and lead in mV, mean over leads and windows
   * @param pearson Pearson's correlation, mean likewise; NaN where it is not defined
   * @param leads RMSE of a window in mV, mean over windows, by target lead
   */
  public record Scores(double rmse, double pearson, Map<Lead, Double> leads) {}

  public RecordResult {
    superclasses = List.copyOf(superclasses);
  }
}
