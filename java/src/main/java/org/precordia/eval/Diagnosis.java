// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.data.Windows;
import org.precordia.model.DeviceRecords;
import org.precordia.model.NetworkConfig;
import org.precordia.model.WindowRef;
import org.precordia.runtime.Stream;

/**
 * Lets a classifier look at the records of an evaluation, as recorded and as rows complete them.
 */
final class Diagnosis {
  /** Completed records that are classified at a time. */
  private static final int CHUNK = 64;

  private final Stream stream;
  private final Shard shard;
  private final DiagnosisClassifier classifier;
  private final Cohort cohort;
  private final Map<Integer, List<Integer>> starts = new TreeMap<>();
  private final List<Integer> labelled;
  private final double[] thresholds;
  private final String thresholdsFrom;
  private final Map<Integer, double[]> original;
  private final Map<String, Map<Integer, double[]>> rows = new LinkedHashMap<>();

  /**
   * Classifies the recorded leads.
   *
   * @param data the shard's records
   * @param windows those of the evaluation
   * @param tuning records that thresholds are chosen on; empty: those of the classifier's training
   */
  Diagnosis(
      Stream stream,
      Shard shard,
      DiagnosisClassifier classifier,
      DeviceRecords data,
      Cohort cohort,
      Windows.Selection windows,
      int[] tuning) {
    this.stream = stream;
    this.shard = shard;
    this.classifier = classifier;
    this.cohort = cohort;
    for (int i = 0; i < windows.size(); i++) {
      starts
          .computeIfAbsent(windows.records()[i], record -> new ArrayList<>())
          .add(windows.starts()[i]);
    }
    labelled = cohort.indices().stream().filter(i -> shard.record(i).superclasses() != 0).toList();
    original = known(classifier.probabilities(stream, data, WindowRef.list(windows)));
    Windows.Selection tuned = Windows.forEvaluation(shard, tuning);
    if (tuned.size() > 0) {
      thresholds =
          classifier.bestThresholds(
              shard, classifier.probabilities(stream, data, WindowRef.list(tuned)));
      thresholdsFrom = "fold 9";
    } else {
      thresholds = classifier.thresholds();
      thresholdsFrom = "training patients held out by the classifier";
    }
  }

  /** Takes the records of a row, one after the other; to be closed after the last. */
  Collector collector(String row, NetworkConfig network) {
    return new Collector(row, new CompletedRecord(shard, network));
  }

  /** Classifies completed records, some at a time. */
  final class Collector implements Consumer<RecordTrace> {
    private final CompletedRecord completed;
    private final List<Integer> indices = new ArrayList<>();
    private final List<short[]> samples = new ArrayList<>();
    private final Map<Integer, double[]> probabilities = new LinkedHashMap<>();
    private final String row;

    private Collector(String row, CompletedRecord completed) {
      this.row = row;
      this.completed = completed;
    }

    @Override
    public void accept(RecordTrace trace) {
      indices.add(trace.index());
      samples.add(completed.samples(trace));
      if (samples.size() == CHUNK) {
        classify();
      }
    }

    private void classify() {
      List<WindowRef> windows = new ArrayList<>();
      for (int i = 0; i < indices.size(); i++) {
        for (int start : starts.get(indices.get(i))) {
          windows.add(new WindowRef(i, start));
        }
      }
      try (DeviceRecords data = new DeviceRecords(stream, samples)) {
        classifier
            .probabilities(stream, data, windows)
            .forEach((i, p) -> probabilities.put(indices.get(i), p));
      }
      indices.clear();
      samples.clear();
    }

    /** Classifies the rest. */
    void finish() {
      if (!samples.isEmpty()) {
        classify();
      }
      rows.put(row, known(probabilities));
    }
  }

  private Map<Integer, double[]> known(Map<Integer, double[]> probabilities) {
    Map<Integer, double[]> known = new LinkedHashMap<>();
    labelled.forEach(index -> known.put(index, probabilities.get(index)));
    return known;
  }

  /** The figures, of the same resamples as those of the evaluation. */
  DiagnosisResult result(PatientBootstrap bootstrap) {
    int classes = classifier.classes().size();
    int[] patients = labelled.stream().mapToInt(cohort::patient).toArray();
    int distinct = (int) Arrays.stream(patients).distinct().count();
    boolean enough = distinct >= PatientBootstrap.FEWEST_PATIENTS;
    Resamples resamples = new Resamples(patients, bootstrap, enough);
    Sample recorded = new Sample(original, resamples);
    Map<String, DiagnosisResult.Scores> results = new LinkedHashMap<>();
    rows.forEach((row, p) -> results.put(row, new Sample(p, resamples).scores(recorded)));
    return new DiagnosisResult(
        classifier.classes(),
        labelled.size(),
        distinct,
        cohort.records() - labelled.size(),
        IntStream.range(0, classes).mapToObj(this::members).toList(),
        Arrays.stream(thresholds).boxed().toList(),
        thresholdsFrom,
        classifier.learnedFrom(shard),
        recorded.scores(recorded),
        results);
  }

  private int members(int k) {
    int bit = shard.superclasses().indexOf(classifier.classes().get(k));
    return (int)
        labelled.stream()
            .filter(i -> bit >= 0 && (shard.record(i).superclasses() >>> bit & 1) != 0)
            .count();
  }

  /**
   * How often each record counts: once, and in every resample.
   *
   * @param patients the patient of each record
   */
  private record Resamples(int[] patients, PatientBootstrap bootstrap, boolean enough) {
    int count() {
      return enough ? bootstrap.resamples() : 0;
    }

    int[] times(int resample) {
      int[] times = new int[patients.length];
      if (resample < 0) {
        Arrays.fill(times, 1);
      } else {
        Arrays.setAll(times, i -> bootstrap.times(resample)[patients[i]]);
      }
      return times;
    }
  }

  /** AUC and F1 of each class, of all records at place 0 and of resample i at place i + 1. */
  private final class Sample {
    private final double[][] auc;
    private final double[][] f1;

    Sample(Map<Integer, double[]> probabilities, Resamples resamples) {
      int classes = classifier.classes().size();
      auc = new double[resamples.count() + 1][classes];
      f1 = new double[resamples.count() + 1][classes];
      RankedScores[] ranked = new RankedScores[classes];
      Arrays.setAll(ranked, k -> classifier.ranked(shard, probabilities, k));
      for (int i = 0; i < auc.length; i++) {
        int[] times = resamples.times(i - 1);
        for (int k = 0; k < classes; k++) {
          auc[i][k] = ranked[k].auc(times);
          boolean defined = members(k) > 0 && !Double.isNaN(thresholds[k]);
          f1[i][k] = defined ? ranked[k].f1(thresholds[k], times) : Double.NaN;
        }
      }
    }

    DiagnosisResult.Scores scores(Sample recorded) {
      int classes = classifier.classes().size();
      return new DiagnosisResult.Scores(
          IntStream.range(0, classes).mapToObj(k -> figure(i -> auc[i][k])).toList(),
          IntStream.range(0, classes).mapToObj(k -> figure(i -> f1[i][k])).toList(),
          figure(i -> macro(auc, i)),
          figure(i -> macro(f1, i)),
          figure(i -> 100 * (macro(auc, i) - 0.5) / (macro(recorded.auc, i) - 0.5)),
          figure(i -> 100 * macro(f1, i) / macro(recorded.f1, i)));
    }

    private DiagnosisResult.Figure figure(ToDoubleFunction<Integer> value) {
      return new DiagnosisResult.Figure(
          value.applyAsDouble(0),
          PatientBootstrap.interval(auc.length - 1, i -> value.applyAsDouble(i + 1)));
    }

    /**
     * The mean over the classes that all records define; NaN in a resample that lacks one of them.
     */
    private double macro(double[][] values, int i) {
      double sum = 0;
      int count = 0;
      for (int k = 0; k < values[i].length; k++) {
        if (!Double.isNaN(values[0][k])) {
          sum += values[i][k];
          count++;
        }
      }
      return sum / count;
    }
  }
}
