// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;

/** Collects the windows of one row and turns them into figures. */
final class RowScores {
  private final String name;
  private final long parameters;
  private final List<Lead> targets;
  private final PatientSums sums;
  private final double[][] pearson; // [lead or mean][window]
  private final int length;
  private int windows;

  /**
   * @param name of the row
   * @param parameters number of trained parameters
   * @param targets target leads in order
   * @param patients number of patients
   * @param windows number of windows that will be added
   * @param length samples of a window
   */
  RowScores(
      String name, long parameters, List<Lead> targets, int patients, int windows, int length) {
    this.name = name;
    this.parameters = parameters;
    this.targets = List.copyOf(targets);
    this.sums = new PatientSums(patients, targets.size(), length);
    this.pearson = new double[targets.size() + 1][windows];
    this.length = length;
  }

  String name() {
    return name;
  }

  PatientSums sums() {
    return sums;
  }

  /** Adds one window; see {@link PatientSums#add}. */
  void add(int patient, double[] moments, int offset) {
    sums.add(patient, moments, offset);
    double mean = 0;
    int counted = 0;
    for (int lead = 0; lead < targets.size(); lead++) {
      WindowMoments m = new WindowMoments(moments, offset + lead * WindowMoments.SUMS, length);
      double r = m.flat() ? Double.NaN : m.pearson();
      pearson[lead][windows] = r;
      if (!Double.isNaN(r)) {
        mean += r;
        counted++;
      }
    }
    pearson[targets.size()][windows] = counted == 0 ? Double.NaN : mean / counted;
    windows++;
  }

  /**
   * The row's figures.
   *
   * @param totals this row's sums of every resample
   * @param ridge the ridge row, or null when this row is not compared
   * @param ridgeTotals its sums of every resample
   */
  RowResult result(double[][] totals, RowScores ridge, double[][] ridgeTotals) {
    double[] all = sums.total();
    Map<Lead, RowResult.Figures> leads = new LinkedHashMap<>();
    for (int lead = 0; lead < targets.size(); lead++) {
      leads.put(targets.get(lead), figures(all, totals, lead));
    }
    RowResult.Figures mean = figures(all, totals, targets.size());
    RowResult.Comparison comparison = ridge == null ? null : compare(totals, ridge, ridgeTotals);
    return new RowResult(name, parameters, mean, leads, comparison, null);
  }

  private RowResult.Figures figures(double[] all, double[][] totals, int column) {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    Map<Metric, Interval> intervals = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      values.put(metric, sums.value(metric, all, column));
      Interval interval =
          PatientBootstrap.interval(totals.length, i -> sums.value(metric, totals[i], column));
      if (interval != null) {
        intervals.put(metric, interval);
      }
    }
    long counted = sums.windows(all, column, false);
    long flat = counted - sums.windows(all, column, true);
    boolean defined = !Double.isNaN(values.get(Metric.PEARSON));
    double pearson5 = defined ? percentile5(pearson[column]) : Double.NaN;
    return new RowResult.Figures(values, intervals, pearson5, counted, flat);
  }

  private double percentile5(double[] values) {
    double[] sorted =
        Arrays.stream(values, 0, windows).filter(v -> !Double.isNaN(v)).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : PatientBootstrap.percentile(sorted, 0.05);
  }

  /**
   * Paired change against another row.
   *
   * @param totals this row's sums of every resample
   * @param base the other row
   * @param baseTotals its sums of every resample
   */
  RowResult.Comparison compare(double[][] totals, RowScores base, double[][] baseTotals) {
    int mean = targets.size();
    double[] all = sums.total();
    double[] baseAll = base.sums.total();
    return new RowResult.Comparison(
        percent(all, base, baseAll, mean),
        PatientBootstrap.interval(
            totals.length, i -> percent(totals[i], base, baseTotals[i], mean)),
        difference(all, base, baseAll, mean),
        PatientBootstrap.interval(
            totals.length, i -> difference(totals[i], base, baseTotals[i], mean)));
  }

  private double percent(double[] own, RowScores base, double[] other, int column) {
    double reference = base.sums.value(Metric.RMSE_WINDOW, other, column);
    return 100 * (sums.value(Metric.RMSE_WINDOW, own, column) / reference - 1);
  }

  private double difference(double[] own, RowScores base, double[] other, int column) {
    return sums.value(Metric.PEARSON, own, column) - base.sums.value(Metric.PEARSON, other, column);
  }
}
