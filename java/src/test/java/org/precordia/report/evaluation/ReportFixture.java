// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.precordia.data.Lead;
import org.precordia.eval.ClinicalResult;
import org.precordia.eval.DiagnosisResult;
import org.precordia.eval.Evaluation;
import org.precordia.eval.GroupKind;
import org.precordia.eval.GroupResult;
import org.precordia.eval.Interval;
import org.precordia.eval.Metric;
import org.precordia.eval.PatientPairs;
import org.precordia.eval.RecordResult;
import org.precordia.eval.RowResult;
import org.precordia.eval.clinical.Measure;
import org.precordia.eval.clinical.TrueBeats;
import org.precordia.eval.embedding.CosineGap;
import org.precordia.eval.embedding.EmbeddingMap;
import org.precordia.eval.embedding.EmbeddingResult;
import org.precordia.eval.embedding.IdentityProbe;
import org.precordia.eval.embedding.InformationBound;
import org.precordia.eval.embedding.SuperclassNeighbours;
import org.precordia.eval.interpretation.ClassDirection;
import org.precordia.eval.interpretation.Interpretation;
import org.precordia.eval.interpretation.Occlusion;
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
            clinical(),
            diagnosis(),
            Map.of("data", "abc", "recipe", "{\"name\": \"" + HOSTILE + "\"}", "device", HOSTILE),
            Optional.of(embedding()),
            interpretations());
    List<Exemplar> exemplars =
        Exemplar.choose(evaluation).stream()
            .map(choice -> new Exemplar(choice.role(), choice.record(), signals()))
            .toList();
    return new EvaluationReport(evaluation, exemplars, history(0.09), Optional.of(history(0.1)));
  }

  /** Clusters of a superclass each. */
  private EmbeddingResult embedding() {
    List<String> names = List.of("NORM", "MI", "STTC", "CD", "HYP", "");
    List<EmbeddingMap.Point> points = new ArrayList<>();
    List<EmbeddingResult.ClassMean> means = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int c = i % names.size();
      double x = Math.cos(c) + 0.4 * random.nextGaussian();
      double y = Math.sin(c) + 0.4 * random.nextGaussian();
      points.add(
          new EmbeddingMap.Point(i == 250 ? HOSTILE : "q" + i, names.get(c), i >= 240, x, y));
    }
    for (String name : names.subList(0, 5)) {
      means.add(new EmbeddingResult.ClassMean(name, 40, new float[64]));
    }
    Interval interval = patients >= 30 ? new Interval(0.4, 0.6) : null;
    IdentityProbe probe =
        new IdentityProbe(
            patients, 2 * patients, 0.3, interval, 0.001, 0.9, interval, 0.8, interval);
    return new EmbeddingResult(
        240,
        60,
        patients,
        Map.of(
            EmbeddingResult.H, new SuperclassNeighbours(0.5, interval, 5),
            EmbeddingResult.LOG_RMS, new SuperclassNeighbours(0.25, interval, 5)),
        Map.of("h superclass", new CosineGap(0.9, 0.8, 100, 200)),
        List.of(
            new InformationBound(HOSTILE, 20, 0.5, 0.3, interval),
            new InformationBound("RARE", 2, 0.1, 0.2, interval)),
        Map.of(EmbeddingResult.H, probe, EmbeddingResult.INPUT_BEAT, probe),
        new EmbeddingMap(new double[] {0.5, 0.2}, true, points),
        means);
  }

  private List<Interpretation> interpretations() {
    double[][][] change = new double[127][3][TARGETS.size()];
    for (double[][] patch : change) {
      for (double[] input : patch) {
        Arrays.setAll(input, target -> 0.05 * random.nextDouble());
      }
    }
    List<double[][]> outputs = new ArrayList<>();
    for (double step : ClassDirection.STEPS) {
      double[][] targets = new double[TARGETS.size()][];
      Arrays.setAll(targets, t -> Arrays.copyOf(beats(1 + 0.3 * step), 256));
      outputs.add(targets);
    }
    double[] beat = Arrays.copyOf(beats(0.8), 256);
    return List.of(HOSTILE, "r" + patients / 2, "r" + (patients - 1)).stream()
        .map(
            id ->
                new Interpretation(
                    id,
                    384,
                    100,
                    List.of(Lead.I, Lead.II, Lead.V2),
                    TARGETS,
                    new double[][] {beat, beat, beat},
                    List.of(40, 140, 240),
                    new Occlusion(4, 2, change, change),
                    List.of(new ClassDirection("MI", outputs), new ClassDirection("CD", outputs))))
        .toList();
  }

  private RecordResult record(int i) {
    Map<String, RecordResult.Scores> scores = new LinkedHashMap<>();
    for (String row : List.of("mean", "ridge", "no-h", "model")) {
      Map<Lead, Double> leads = new LinkedHashMap<>();
      TARGETS.forEach(lead -> leads.put(lead, 0.02 + 0.1 * random.nextDouble()));
      scores.put(row, new RecordResult.Scores(0.05 + 0.001 * i, 0.9, leads));
    }
    String name = i == 0 ? HOSTILE : "r" + i;
    return new RecordResult(i, name, name, List.of("NORM", "HYP"), 13, scores);
  }

  private ClinicalResult clinical() {
    List<ClinicalResult.Row> rows = new ArrayList<>();
    for (String name : List.of("mean", "ridge", "no-h", "model")) {
      Map<Measure, ClinicalResult.Table> tables = new EnumMap<>(Measure.class);
      for (Measure measure : Measure.values()) {
        Map<Lead, ClinicalResult.Figures> leads = new LinkedHashMap<>();
        Map<Lead, PatientPairs> pairs = new LinkedHashMap<>();
        TARGETS.forEach(lead -> leads.put(lead, measured(measure)));
        TARGETS.forEach(lead -> pairs.put(lead, pairs()));
        tables.put(
            measure,
            new ClinicalResult.Table(
                measured(measure),
                Map.of("V1 V3 V4", measured(measure)),
                leads,
                pairs,
                name.equals("mean") ? 7 : 0));
      }
      rows.add(new ClinicalResult.Row(name, tables));
    }
    return new ClinicalResult(new TrueBeats.Counts(9 * patients, 2 * patients, 3, 1, 4), rows);
  }

  private ClinicalResult.Figures measured(Measure measure) {
    ClinicalResult.Figure none = new ClinicalResult.Figure(Double.NaN, null, Double.NaN, null);
    return new ClinicalResult.Figures(patients, figure(), measure.isSt() ? figure() : none);
  }

  private ClinicalResult.Figure figure() {
    Interval interval = patients >= 30 ? new Interval(0.05, 0.2) : null;
    return new ClinicalResult.Figure(0.1 + 0.05 * random.nextDouble(), interval, -0.02, interval);
  }

  private PatientPairs pairs() {
    String[] names = new String[patients];
    double[] truth = new double[patients];
    double[] made = new double[patients];
    for (int i = 0; i < patients; i++) {
      names[i] = i == 0 ? HOSTILE : "p" + i;
      truth[i] = random.nextGaussian();
      made[i] = 0.7 * truth[i] + 0.1 * random.nextGaussian();
    }
    return new PatientPairs(patients, names, truth, made);
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
