// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
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
import org.precordia.runtime.Stream;

/**
 * Evaluates networks on the windows of a shard (docs/evaluation.md). Nothing is rejected for its
 * amplitude; windows with an invalid sample or a flat lead are left out and counted.
 */
public final class Evaluator {
  private static final int BATCH = 64;
  private static final long BOOTSTRAP_SEED = 20260317;

  private final Stream stream;
  private final Shard shard;
  private final DataPlacement placement;
  private final Precision precision;
  private final Progress progress;

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
    int[] records =
        IntStream.range(0, shard.records())
            .filter(i -> selected.test(shard.record(i).fold()) && !shard.record(i).isDuplicate())
            .toArray();
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
    Map<Integer, Integer> patients = patients(windows);
    Map<String, RowScores> scores = new LinkedHashMap<>();
    try (DeviceRecords data = new DeviceRecords(stream, shard, null, placement)) {
      for (EvaluationRow row : rows) {
        try (PhaseSpan _ = new PhaseSpan("evaluate", row.name())) {
          scores.put(row.name(), run(row, data, windows, patients));
        }
      }
    }
    ModelMetadata model = rows.getLast().model().metadata();
    List<RowResult> results;
    try (PhaseSpan _ = new PhaseSpan("bootstrap", rows.size() + " rows")) {
      results = results(scores, patients.size());
    }
    return new Evaluation(
        dataset,
        fold,
        patients.size(),
        windows.size(),
        windows.invalid() + windows.flat(),
        model.network().inputs(),
        model.network().targets(),
        shard.preset().id(),
        shard.rate(),
        model.network().window(),
        results,
        provenance);
  }

  private static List<RowResult> results(Map<String, RowScores> scores, int patients) {
    PatientBootstrap bootstrap =
        new PatientBootstrap(patients, PatientBootstrap.RESAMPLES, BOOTSTRAP_SEED);
    RowScores ridge = scores.get(EvaluationRow.RIDGE);
    double[][] ridgeTotals = ridge == null ? null : bootstrap.totals(ridge.sums());
    List<RowResult> results = new ArrayList<>();
    for (RowScores row : scores.values()) {
      boolean compared = ridge != null && row != ridge && !row.name().equals(EvaluationRow.MEAN);
      results.add(
          row.result(
              row == ridge ? ridgeTotals : bootstrap.totals(row.sums()),
              compared ? ridge : null,
              ridgeTotals));
    }
    return results;
  }

  private RowScores run(
      EvaluationRow row,
      DeviceRecords data,
      Windows.Selection windows,
      Map<Integer, Integer> patients) {
    ModelMetadata model = row.model().metadata();
    RowScores scores =
        new RowScores(
            row.name(),
            row.parameters(),
            model.network().targets(),
            patients.size(),
            windows.size(),
            model.network().window());
    List<WindowRef> refs = WindowRef.list(windows);
    int sums = model.network().targets().size() * WindowMoments.SUMS;
    try (WindowSource source =
            new WindowSource(stream, model.network(), model.standardisation(), data);
        Weights weights = new Weights(stream, model.network(), precision.storage())) {
      weights.upload(row.model().parameters());
      try (WindowRunner runner =
          new WindowRunner(
              source, weights, Math.min(BATCH, refs.size()), WindowRunner.Mode.RECONSTRUCTION)) {
        runner.run(
            refs,
            batch -> {
              double[] moments = batch.moments();
              for (int i = 0; i < batch.count(); i++) {
                int record = batch.windows().get(i).record();
                scores.add(patients.get(shard.record(record).patient()), moments, i * sums);
              }
              progress.windows(row.name(), batch.first() + batch.count(), refs.size());
            });
      }
    }
    return scores;
  }

  /** Patients of the windows, numbered in order of appearance. */
  private Map<Integer, Integer> patients(Windows.Selection windows) {
    Map<Integer, Integer> patients = new HashMap<>();
    for (int record : windows.records()) {
      patients.putIfAbsent(shard.record(record).patient(), patients.size());
    }
    return patients;
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
    if (model.rate() != shard.rate() || model.preprocessing() != shard.preset()) {
      throw new EvaluationException(
          "%s was prepared at %s Hz with preprocessing '%s', row %s needs %s Hz and '%s': prepare it again with precordia prepare --preprocessing %s"
              .formatted(
                  shard.file(),
                  shard.rate(),
                  shard.preset().id(),
                  name,
                  model.rate(),
                  model.preprocessing().id(),
                  model.preprocessing().id()));
    }
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
}
