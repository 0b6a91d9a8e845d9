// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A row's figures by patient: means over the windows of all records of one. */
public final class PatientMeans {
  private PatientMeans() {}

  /**
   * The means, patients in order of appearance: the same order for every row of an evaluation, and
   * of every evaluation of the same fold of the same data.
   *
   * @param records the evaluation's records
   * @param row name of the row
   * @param metric {@link Metric#RMSE_WINDOW} or {@link Metric#PEARSON}
   * @return NaN for a patient none of whose windows has the figure
   */
  public static double[] of(List<RecordResult> records, String row, Metric metric) {
    Map<String, double[]> sums = new LinkedHashMap<>();
    for (RecordResult record : records) {
      double value = value(record.rows().get(row), metric);
      double[] sum = sums.computeIfAbsent(record.patient(), name -> new double[2]);
      if (!Double.isNaN(value)) {
        sum[0] += record.windows() * value;
        sum[1] += record.windows();
      }
    }
    return sums.values().stream().mapToDouble(sum -> sum[0] / sum[1]).toArray();
  }

  private static double value(RecordResult.Scores scores, Metric metric) {
    return switch (metric) {
      case RMSE_WINDOW -> scores.rmse();
      case PEARSON -> scores.pearson();
      default -> throw new IllegalArgumentException("records have no " + metric.key());
    };
  }
}
