// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * RMSE of a window by patient, as the mean over several evaluations of one row on the same windows,
 * such as those of networks of several seeds. What is compared is a procedure, not one network.
 */
public final class SeedMeans {
  private final double[] windows;

  /** Sum over the patient's windows of the mean over evaluations. */
  private final double[] sums;

  private SeedMeans(double[] windows, double[] sums) {
    this.windows = windows;
    this.sums = sums;
  }

  /**
   * Change of one row against another on the same patients.
   *
   * @param patients number of patients
   * @param millivolt difference of the RMSE of a window, mean over windows, in mV; negative: the
   *     first row is better
   * @param percent the same in percent of the other row's
   * @param interval 95 % patient-bootstrap interval of {@code percent}; null with fewer than 30
   *     patients
   * @param better patients whose mean is smaller in the first row
   */
  public record Difference(
      int patients, double millivolt, double percent, Interval interval, int better) {}

  /**
   * The means of a row.
   *
   * @param evaluations those that have the row, at least one, all of the same records
   */
  public static SeedMeans of(List<Evaluation> evaluations, String row) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    List<RecordResult> records = evaluations.getFirst().records();
    records.forEach(record -> numbers.putIfAbsent(record.patient(), numbers.size()));
    SeedMeans means = new SeedMeans(new double[numbers.size()], new double[numbers.size()]);
    for (RecordResult record : records) {
      means.windows[numbers.get(record.patient())] += record.windows();
    }
    for (Evaluation evaluation : evaluations) {
      requireSame(records, evaluation.records());
      for (RecordResult record : evaluation.records()) {
        means.sums[numbers.get(record.patient())] +=
            record.windows() * record.rows().get(row).rmse() / evaluations.size();
      }
    }
    return means;
  }

  /**
   * A figure by patient, as the mean over evaluations; patients in the order of {@link
   * PatientMeans}.
   *
   * @param evaluations those that have the row, at least one, all of the same records
   * @return NaN for a patient none of whose windows has the figure
   */
  public static double[] patients(List<Evaluation> evaluations, String row, Metric metric) {
    double[] means = PatientMeans.of(evaluations.getFirst().records(), row, metric);
    for (Evaluation evaluation : evaluations.subList(1, evaluations.size())) {
      requireSame(evaluations.getFirst().records(), evaluation.records());
      double[] others = PatientMeans.of(evaluation.records(), row, metric);
      Arrays.setAll(means, patient -> means[patient] + others[patient]);
    }
    Arrays.setAll(means, patient -> means[patient] / evaluations.size());
    return means;
  }

  private static void requireSame(List<RecordResult> records, List<RecordResult> others) {
    if (!records.stream()
        .map(RecordResult::index)
        .toList()
        .equals(others.stream().map(RecordResult::index).toList())) {
      throw new EvaluationException("the evaluations are of different records");
    }
  }

  /** The mean over all windows in mV. */
  public double mean() {
    return mean(once());
  }

  /** Its 95 % patient-bootstrap interval; null with fewer than 30 patients. */
  public Interval interval() {
    PatientBootstrap bootstrap = bootstrap();
    return PatientBootstrap.interval(bootstrap.resamples(), i -> mean(bootstrap.times(i)));
  }

  /** The change against another row. */
  public Difference against(SeedMeans other) {
    PatientBootstrap bootstrap = bootstrap();
    int better = 0;
    for (int patient = 0; patient < sums.length; patient++) {
      better += sums[patient] < other.sums[patient] ? 1 : 0;
    }
    return new Difference(
        sums.length,
        mean() - other.mean(),
        percent(other, once()),
        PatientBootstrap.interval(bootstrap.resamples(), i -> percent(other, bootstrap.times(i))),
        better);
  }

  private double percent(SeedMeans other, int[] times) {
    return 100 * (mean(times) / other.mean(times) - 1);
  }

  private double mean(int[] times) {
    double sum = 0;
    double weight = 0;
    for (int patient = 0; patient < sums.length; patient++) {
      sum += times[patient] * sums[patient];
      weight += times[patient] * windows[patient];
    }
    return sum / weight;
  }

  private int[] once() {
    return IntStream.generate(() -> 1).limit(sums.length).toArray();
  }

  private PatientBootstrap bootstrap() {
    return PatientBootstrap.standard(sums.length);
  }
}
