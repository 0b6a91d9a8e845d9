// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.precordia.data.Lead;
import org.precordia.eval.DiagnosisResult;
import org.precordia.eval.Evaluation;
import org.precordia.eval.GroupKind;
import org.precordia.eval.GroupResult;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.RecordResult;
import org.precordia.eval.RowResult;
import org.precordia.train.RunHistory;

/** An evaluation made up for tests of its report; names in it try to be markup. */
public final class ReportFixture {
  static final String HOSTILE = "<script>alert(1)</script>\" onload=\"x' & \u0007";
  private static final List<Lead> TARGETS = List.of(Lead.V1, Lead.V3, Lead.V4, Lead.V5, Lead.V6);
  private static final int SAMPLES = 1000;

  private final Random random = new Random(1);
  private final int patients;

  private ReportFixture(int patients) {
    this.patients = patients;
  }

  /**
   * A report.
   *
   * @param patients number of patients; intervals exist from 30 on
   */
  public static EvaluationReport report(int patients) {
    return new ReportFixture(patients).make();
  }

  private EvaluationReport make() {
    List<RecordResult> records = new ArrayList<>();
    for (int i = 0; i < patients; i++) {
      records.add(record(i));
    }
    List<RowResult> rows = rows();
    Evaluation evaluation =
        new Evaluation(
            HOSTILE,
            "9",
            patients,
            13 * patients,
            2,
            List.of(Lead.I, Lead.II, Lead.V2),
            TARGETS,
            "default",
            100,
            256,
            rows,
            List.of(
                new GroupResult(GroupKind.SUPERCLASS, "NORM", patients, 13 * patients, rows),
                new GroupResult(GroupKind.SUPERCLASS, "HYP", 12, 156, rows),
                new GroupResult(GroupKind.SUPERCLASS, "MI", 0, 0, List.of()),
                new GroupResult(GroupKind.SEX, "F", patients, 13 * patients, rows),
                new GroupResult(GroupKind.AGE, ">=80", patients, 13 * patients, rows)),
            records,
            diagnosis(),
            Map.of("data", "abc", "recipe", "{\"name\": \"" + HOSTILE + "\"}", "device", HOSTILE));
    List<Exemplar> exemplars =
        Exemplar.choose(evaluation).stream()
            .map(choice -> new Exemplar(choice.role(), choice.record(), signals()))
            .toList();
    return new EvaluationReport(evaluation, exemplars, history(0.09), Optional.of(history(0.1)));
  }

  private RecordResult record(int i) {
    Map<String, RecordResult.Scores> scores = new LinkedHashMap<>();
    Map<Lead, RecordResult.Amplitude> amplitudes = new EnumMap<>(Lead.class);
    for (String row : List.of("mean", "ridge", "no-h", "model")) {
      Map<Lead, Double> leads = new LinkedHashMap<>();
      TARGETS.forEach(lead -> leads.put(lead, 0.02 + 0.1 * random.nextDouble()));
      scores.put(row, new RecordResult.Scores(0.05 + 0.001 * i, 0.9, leads));
    }
    for (Lead lead : TARGETS) {
      double truth = random.nextGaussian();
      amplitudes.put(
          lead, new RecordResult.Amplitude(truth, 0.7 * truth + 0.1 * random.nextGaussian()));
    }
    String name = i == 0 ? HOSTILE : "r" + i;
    return new RecordResult(i, name, name, List.of("NORM", "HYP"), 13, scores, 9, amplitudes);
  }

  private List<RowResult> rows() {
    boolean intervals = patients >= 30;
    Interval change = intervals ? new Interval(-16, 1) : null;
    RowResult.Comparison comparison =
        new RowResult.Comparison(-13.8, change, 0.03, intervals ? new Interval(0, 0.1) : null);
    List<RowResult> rows = new ArrayList<>();
    for (String name : List.of("mean", "ridge", "no-h", "model")) {
      Map<Lead, RowResult.Figures> leads = new LinkedHashMap<>();
      TARGETS.forEach(lead -> leads.put(lead, figures(intervals)));
      boolean model = name.equals("model");
      rows.add(
          new RowResult(
              name,
              12345,
              figures(intervals),
              leads,
              model ? comparison : null,
              model ? comparison : null));
    }
    return rows;
  }

  private RowResult.Figures figures(boolean intervals) {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    Map<Metric, Interval> bounds = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      double value = 0.05 + 0.1 * random.nextDouble();
      values.put(metric, value);
      if (intervals) {
        bounds.put(metric, new Interval(0.9 * value, 1.1 * value));
      }
    }
    return new RowResult.Figures(values, bounds, 0.4, 13, 0);
  }

  private Map<Lead, Exemplar.Signal> signals() {
    Map<Lead, Exemplar.Signal> signals = new LinkedHashMap<>();
    TARGETS.forEach(lead -> signals.put(lead, new Exemplar.Signal(beats(1), beats(0.7))));
    List.of(Lead.I, Lead.II, Lead.V2)
        .forEach(lead -> signals.put(lead, new Exemplar.Signal(beats(0.8), null)));
    return signals;
  }

  /** A beat a second: P, QRS and T as bumps, and a gap where samples are missing. */
  private double[] beats(double height) {
    double[] signal = new double[SAMPLES];
    for (int t = 0; t < SAMPLES; t++) {
      double phase = t % 100;
      signal[t] =
          height
              * (0.12 * bump(phase, 24, 4)
                  + 1.2 * bump(phase, 40, 1.2)
                  - 0.3 * bump(phase, 43, 1.2)
                  + 0.3 * bump(phase, 66, 6));
    }
    signal[500] = Double.NaN;
    return signal;
  }

  private static double bump(double at, double middle, double width) {
    double z = (at - middle) / width;
    return Math.exp(-0.5 * z * z);
  }

  private DiagnosisResult diagnosis() {
    Interval interval = patients >= 30 ? new Interval(0.6, 0.9) : null;
    DiagnosisResult.Figure figure = new DiagnosisResult.Figure(0.8, interval);
    DiagnosisResult.Figure none = new DiagnosisResult.Figure(Double.NaN, null);
    DiagnosisResult.Scores scores =
        new DiagnosisResult.Scores(
            List.of(figure, none), List.of(figure, none), figure, figure, figure, figure);
    Map<String, DiagnosisResult.Scores> rows = new LinkedHashMap<>();
    List.of("mean", "ridge", "no-h", "model").forEach(row -> rows.put(row, scores));
    return new DiagnosisResult(
        List.of("NORM", "MI"),
        patients,
        patients,
        3,
        List.of(patients, 0),
        List.of(0.5, Double.NaN),
        "fold 9",
        true,
        scores,
        rows);
  }

  private RunHistory history(double level) {
    List<RunHistory.Step> steps = new ArrayList<>();
    List<RunHistory.Validation> validations = new ArrayList<>();
    for (int i = 1; i <= 300; i++) {
      steps.add(
          new RunHistory.Step(i, (i - 1) / 100, 0.02 + 0.03 / i, 700 + 20 * random.nextGaussian()));
    }
    for (int epoch = 1; epoch <= 3; epoch++) {
      validations.add(
          new RunHistory.Validation(
              100L * epoch, epoch, "rmse_window", level + 0.01 / epoch, epoch == 3));
    }
    return new RunHistory(1, List.of(1, 2, 3), "abc", steps, validations);
  }
}
