// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.precordia.eval.Evaluation;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.eval.SeedMeans;
import org.precordia.report.evaluation.ReportFixture;
import org.precordia.study.CurvePoint;
import org.precordia.study.RowSummary;
import org.precordia.study.Spread;
import org.precordia.study.StudyComparison;
import org.precordia.study.StudyResult;
import org.precordia.study.StudyRow;

/** A study of all rows with three seeds, made up for tests of its page. */
public final class StudyFixture {
  private static final int SEEDS = 3;
  private static final int PATIENTS = 90;

  private final Random random = new Random(3);

  private StudyFixture() {}

  /** The page. */
  public static StudyReport report() {
    return new StudyReport(new StudyFixture().result());
  }

  /** A comparison with this interval of the change and this corrected p of the error. */
  static StudyComparison comparison(
      StudyRow row, StudyRow against, double percent, Interval interval, double holm) {
    List<PairedTest> tests = new ArrayList<>();
    for (Metric metric : List.of(Metric.RMSE_WINDOW, Metric.PEARSON)) {
      tests.add(
          new PairedTest(
              row.id(), against.id(), metric, PATIENTS, percent / 1000, holm / 20, holm));
    }
    return new StudyComparison(
        row,
        against,
        new SeedMeans.Difference(PATIENTS, percent / 1000, percent, interval, 60),
        tests);
  }

  private StudyResult result() {
    Evaluation evaluation = ReportFixture.report(PATIENTS).evaluation();
    List<RowSummary> rows = new ArrayList<>();
    List<StudyComparison> comparisons = new ArrayList<>();
    for (StudyRow row : StudyRow.values()) {
      rows.add(row(row));
      List<StudyRow> others = new ArrayList<>(row.controls());
      others.addAll(row.rivals());
      for (StudyRow other : others) {
        double percent = 4 * random.nextGaussian() - 3;
        Interval interval = new Interval(percent - 2.5, percent + 2.5);
        double holm = Math.abs(percent) > 2.5 ? 0.00003 : 0.4;
        comparisons.add(comparison(row, other, percent, interval, holm));
      }
    }
    List<CurvePoint> curve = new ArrayList<>();
    for (int percent : List.of(25, 50, 100)) {
      double error = 0.09 + 0.4 / percent;
      curve.add(
          new CurvePoint(percent, 13 * percent, spread(error), spread(1.1 * error), spread(0.88)));
    }
    return new StudyResult(
        List.of(evaluation), rows, comparisons, curve, 2, Map.of("commit", "abc", "device", "cpu"));
  }

  private RowSummary row(StudyRow row) {
    double error = row == StudyRow.MEAN ? 0.21 : 0.09 + 0.02 * random.nextDouble();
    Map<String, Spread> figures = new LinkedHashMap<>();
    figures.put("mean/rmse_window", spread(error));
    figures.put("mean/rmse_pooled", spread(1.3 * error));
    figures.put("mean/mae", spread(0.6 * error));
    figures.put("mean/pearson", spread(0.88));
    figures.put("mean/pearson_p5", spread(0.4));
    figures.put("mean/r2", spread(0.74));
    for (String lead : List.of("V1", "V3", "V4", "V5", "V6")) {
      figures.put("leads/" + lead + "/rmse_window", spread(error));
      figures.put("clinical/r_amplitude/leads/" + lead + "/slope", spread(-0.3));
    }
    figures.put("clinical/r_amplitude/mean/mae", spread(0.15));
    figures.put("clinical/st60/mean/mae", spread(0.03));
    figures.put("clinical/st60/mean/share_above_0.1mV", spread(0.04));
    figures.put("clinical/qrs_duration/mean/mae", spread(6));
    figures.put("diagnosis/macro_auc", spread(0.91));
    figures.put("diagnosis/auc_kept_percent", spread(98));
    figures.put("diagnosis/macro_f1", spread(0.65));
    figures.put("diagnosis/f1_kept_percent", spread(91));
    if (List.of(StudyRow.MODEL, StudyRow.TWO_STAGE, StudyRow.FROZEN_RANDOM).contains(row)) {
      embedding(figures);
    }
    Map<String, RowSummary.Change> against = new LinkedHashMap<>();
    for (StudyRow other : List.of(StudyRow.RIDGE, StudyRow.UNET, StudyRow.NO_H)) {
      against.put(other.id(), new RowSummary.Change(spread(-12), new Interval(-18.2, -7.1)));
    }
    return new RowSummary(
        row.id(),
        row.what(),
        208_345,
        row.trained() ? List.of(1, 2, 3) : List.of(),
        figures,
        error,
        new Interval(0.9 * error, 1.12 * error),
        against);
  }

  private void embedding(Map<String, Spread> figures) {
    figures.put("embedding/knn5_balanced_accuracy/h", spread(0.45));
    figures.put("embedding/knn5_balanced_accuracy/log-RMS", spread(0.28));
    figures.put("embedding/knn5_balanced_accuracy/chance", spread(0.2));
    figures.put("embedding/cosine_gap/h superclass/gap", spread(0.12));
    for (String of : List.of("h", "log-RMS")) {
      figures.put("embedding/patient_identity/" + of + "/top1", spread(0.3));
      figures.put("embedding/patient_identity/" + of + "/top1_chance", spread(0.001));
      figures.put("embedding/patient_identity/" + of + "/auc_same_superclasses", spread(0.8));
    }
  }

  private Spread spread(double about) {
    List<Double> values = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      values.add(about * (1 + 0.01 * random.nextGaussian()));
    }
    return new Spread(values);
  }
}
