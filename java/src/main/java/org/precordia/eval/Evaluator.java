// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.ModelMetadata;
import org.precordia.model.Precision;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Stream;

/**
 * Evaluates networks on the windows of a shard (docs/evaluation.md). Nothing is rejected for its
 * amplitude; windows with an invalid sample or a flat lead are left out and counted.
 */
public final class Evaluator {
  private static final int BATCH = 64;

  private final Stream stream;
  private final Shard shard;
  private final DataPlacement placement;
  private final Precision precision;
  private final Progress progress;
  private Communicator communicator;
  private DiagnosisClassifier classifier;
  private IntPredicate tuningFold = fold -> false;

  /** Hears how far an evaluation is. */
  public interface Progress {
    /** {@code done} of {@code total} windows of a row are done. */
    void windows(String row, int done, int total);
  }

  /**
   * @param shard the data; must stay open while an evaluation runs
   * @param placement where the shard's samples lie meanwhile
   * @param precision storage of activations
   */
  public Evaluator(
      Stream stream, Shard shard, DataPlacement placement, Precision precision, Progress progress) {
    this.stream = stream;
    this.shard = shard;
    this.placement = placement;
    this.precision = precision;
    this.progress = progress;
  }

  /**
   * Shares the rows' windows with other ranks, which all evaluate the same rows: the evaluation is
   * one rank's, bit for bit, and the same on all of them.
   *
   * @param ranks of the stream's context; null: one
   * @return this
   */
  public Evaluator across(Communicator ranks) {
    communicator = ranks;
    return this;
  }

  /**
   * Asks a classifier too, on recorded leads and on leads completed by each row.
   *
   * @param frozen the classifier
   * @param tuning folds whose records thresholds are chosen on; where there are none, those that
   *     were chosen at the end of its training
   * @return this
   */
  public Evaluator diagnose(DiagnosisClassifier frozen, IntPredicate tuning) {
    classifier = frozen;
    tuningFold = tuning;
    return this;
  }

  /**
   * Evaluates rows on some of the shard's records. Records with the signal of an earlier record are
   * left out.
   *
   * @param dataset name of the data set
   * @param fold name of the selection
   * @param selected which folds belong to it
   * @param rows the rows; all with the same leads, rate and preprocessing
   * @param provenance what is to be kept beside the figures
   * @throws EvaluationException when the data do not fit the models, or no window is left
   */
  public Evaluation evaluate(
      String dataset,
      String fold,
      IntPredicate selected,
      List<EvaluationRow> rows,
      Map<String, String> provenance) {
    rows.forEach(row -> requireFit(row.name(), row.model().metadata(), rows.getFirst()));
    if (classifier != null) {
      requireRate("the classifier", classifier.model().metadata());
    }
    int[] records = records(selected);
    if (records.length == 0) {
      throw new EvaluationException(
          "%s has no record in fold %s; its folds are %s".formatted(shard.file(), fold, folds()));
    }
    Windows.Selection windows = Windows.forEvaluation(shard, records);
    if (windows.size() == 0) {
      throw new EvaluationException(
          "%s, fold %s: none of %d records has a usable window (%d invalid, %d flat, %d records too short)"
              .formatted(
                  shard.file(),
                  fold,
                  records.length,
                  windows.invalid(),
                  windows.flat(),
                  windows.tooShort()));
    }
    Cohort cohort = new Cohort(shard, windows);
    Map<String, RowTally> tallies = new LinkedHashMap<>();
    ClinicalReadings clinical = new ClinicalReadings(shard);
    EvaluationRow last = rows.getLast();
    List<Lead> targets = last.model().metadata().network().targets();
    Diagnosis diagnosis = null;
    try (DeviceRecords data = new DeviceRecords(stream, shard, null, placement)) {
      List<WindowRef> refs = WindowRef.list(windows);
      if (classifier != null) {
        diagnosis =
            new Diagnosis(stream, shard, classifier, data, cohort, windows, records(tuningFold));
      }
      for (EvaluationRow row : rows) {
        RowTally tally = new RowTally(row, cohort);
        tallies.put(row.name(), tally);
        Diagnosis.Collector diagnosed =
            diagnosis == null
                ? null
                : diagnosis.collector(row.name(), row.model().metadata().network());
        try (PhaseSpan _ = new PhaseSpan("evaluate", row.name())) {
          run(row, data, refs, tally, both(clinical.row(row.name()), diagnosed));
          if (diagnosed != null) {
            diagnosed.finish();
          }
        }
      }
    }
    ModelMetadata model = last.model().metadata();
    List<RowResult> results;
    ClinicalResult measures;
    try (PhaseSpan _ = new PhaseSpan("bootstrap", rows.size() + " rows")) {
      results = results(tallies.values().stream().map(RowTally::all).toList(), cohort.patients());
      measures =
          new ClinicalStatistics(cohort, targets, PatientBootstrap.standard(cohort.patients()))
              .result(clinical);
    }
    return new Evaluation(
        dataset,
        fold,
        cohort.patients(),
        windows.size(),
        windows.invalid() + windows.flat(),
        model.network().inputs(),
        targets,
        shard.preset().id(),
        shard.rate(),
        model.network().window(),
        results,
        groups(cohort, tallies.values()),
        records(cohort, tallies),
        measures,
        diagnosis == null ? null : diagnosis.result(PatientBootstrap.standard(cohort.patients())),
        provenance,
        Optional.empty(),
        List.of());
  }

  /**
   * The target leads of some records as a row reconstructs them, in the order asked for; records
   * without a usable window are left out.
   *
   * @param row the row
   * @param indices of the records in the shard
   */
  public List<RecordTrace> traces(EvaluationRow row, List<Integer> indices) {
    List<RecordTrace> traces = new ArrayList<>();
    Windows.Selection windows =
        Windows.forEvaluation(shard, indices.stream().mapToInt(Integer::intValue).toArray());
    if (windows.size() > 0) {
      try (DeviceRecords data = new DeviceRecords(stream, shard, null, placement)) {
        run(row, data, WindowRef.list(windows), null, traces::add);
      }
    }
    return traces;
  }

  private static List<GroupResult> groups(Cohort cohort, Collection<RowTally> tallies) {
    List<GroupResult> results = new ArrayList<>();
    for (int g = 0; g < cohort.groups().size(); g++) {
      CohortGroup group = cohort.groups().get(g);
      int number = g;
      List<RowResult> rows =
          group.windows() == 0
              ? List.of()
              : results(
                  tallies.stream().map(tally -> tally.group(number)).toList(), group.patients());
      results.add(
          new GroupResult(group.kind(), group.name(), group.patients(), group.windows(), rows));
    }
    return results;
  }

  private static List<RecordResult> records(Cohort cohort, Map<String, RowTally> tallies) {
    List<RecordResult> results = new ArrayList<>();
    for (int index : cohort.indices()) {
      Map<String, RecordResult.Scores> scores = new LinkedHashMap<>();
      tallies.forEach((name, tally) -> scores.put(name, tally.record(cohort.number(index))));
      results.add(
          new RecordResult(
              index,
              cohort.record(index).id(),
              cohort.patientName(index),
              cohort.superclasses(index),
              cohort.windowsOf(index),
              scores));
    }
    return results;
  }

  private int[] records(IntPredicate folds) {
    return IntStream.range(0, shard.records())
        .filter(i -> folds.test(shard.record(i).fold()) && !shard.record(i).isDuplicate())
        .toArray();
  }

  /** A consumer that calls two, of which one or both may be null. */
  private static Consumer<RecordTrace> both(
      Consumer<RecordTrace> one, Consumer<RecordTrace> other) {
    return one == null ? other : other == null ? one : one.andThen(other);
  }

  private static List<RowResult> results(List<RowScores> scores, int patients) {
    PatientBootstrap bootstrap = PatientBootstrap.standard(patients);
    Map<String, RowScores> rows = new LinkedHashMap<>();
    Map<String, double[][]> totals = new HashMap<>();
    for (RowScores row : scores) {
      rows.put(row.name(), row);
      totals.put(row.name(), bootstrap.totals(row.sums()));
    }
    RowScores ridge = rows.get(EvaluationRow.RIDGE);
    RowScores noH = rows.get(EvaluationRow.NO_H);
    List<RowResult> results = new ArrayList<>();
    for (RowScores row : scores) {
      boolean compared = ridge != null && row != ridge && !row.name().equals(EvaluationRow.MEAN);
      double[][] own = totals.get(row.name());
      RowResult result =
          row.result(own, compared ? ridge : null, compared ? totals.get(ridge.name()) : null);
      boolean controlled = noH != null && row.name().equals(EvaluationRow.MODEL);
      results.add(
          controlled
              ? result.withAgainstNoH(row.compare(own, noH, totals.get(noH.name())))
              : result);
    }
    return results;
  }

  /**
   * Runs a row over windows.
   *
   * @param tally receives the sums of each window, or null
   * @param traces receives each record's target leads, or null
   */
  private void run(
      EvaluationRow row,
      DeviceRecords data,
      List<WindowRef> refs,
      RowTally tally,
      Consumer<RecordTrace> traces) {
    ModelMetadata model = row.model().metadata();
    int targets = model.network().targets().size();
    int sums = targets * WindowMoments.SUMS;
    TraceCollector collector =
        traces == null
            ? null
            : new TraceCollector(shard, targets, model.network().window(), traces);
    try (WindowSource source =
            new WindowSource(stream, model.network(), model.standardisation(), data);
        Weights weights = new Weights(stream, model.network(), precision.storage())) {
      weights.upload(row.model().parameters());
      try (WindowRunner runner =
          new WindowRunner(
              source,
              weights,
              Math.min(BATCH, refs.size()),
              WindowRunner.Mode.RECONSTRUCTION,
              communicator)) {
        runner.run(
            refs,
            row.function().orElse(null),
            batch -> {
              if (tally != null) {
                double[] moments = batch.moments();
                for (int i = 0; i < batch.count(); i++) {
                  tally.add(batch.windows().get(i).record(), moments, i * sums);
                }
              }
              if (collector != null) {
                collector.add(batch);
              }
              progress.windows(row.name(), batch.first() + batch.count(), refs.size());
            });
      }
    }
    if (collector != null) {
      collector.finish();
    }
  }

  private List<Integer> folds() {
    return IntStream.range(0, shard.records())
        .mapToObj(shard::record)
        .map(ShardRecord::fold)
        .distinct()
        .sorted()
        .toList();
  }

  private void requireFit(String name, ModelMetadata model, EvaluationRow first) {
    if (!model.network().reconstructs()) {
      throw new EvaluationException(
          "row %s is a classifier, which reconstructs nothing: give it to --classifier"
              .formatted(name));
    }
    requireRate("row " + name, model);
    if (model.network().window() != Windows.LENGTH) {
      throw new EvaluationException(
          "row %s has windows of %d samples, the data are cut into %d"
              .formatted(name, model.network().window(), Windows.LENGTH));
    }
    if (!model.network().targets().equals(first.model().metadata().network().targets())) {
      throw new EvaluationException(
          "rows %s and %s reconstruct different leads".formatted(first.name(), name));
    }
  }

  private void requireRate(String name, ModelMetadata model) {
    if (model.rate() != shard.rate() || model.preprocessing() != shard.preset()) {
      throw new EvaluationException(
          "%s was prepared at %s Hz with preprocessing '%s', %s needs %s Hz and '%s': prepare it again with precordia prepare --preprocessing %s"
              .formatted(
                  shard.file(),
                  shard.rate(),
                  shard.preset().id(),
                  name,
                  model.rate(),
                  model.preprocessing().id(),
                  model.preprocessing().id()));
    }
  }
}
