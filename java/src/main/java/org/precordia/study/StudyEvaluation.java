// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.precordia.data.Shard;
import org.precordia.eval.Baselines;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.Evaluator;
import org.precordia.eval.Metric;
import org.precordia.eval.Provenance;
import org.precordia.eval.RowResult;
import org.precordia.eval.SeedMeans;
import org.precordia.model.Ensemble;
import org.precordia.model.ModelFile;
import org.precordia.model.Precision;
import org.precordia.runtime.Context;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/**
 * Evaluates the networks of a study that are complete: one evaluation a seed, all of the same
 * windows, and the table over seeds.
 */
public final class StudyEvaluation {
  /** Rows that others are held against, where the study has them. */
  private static final List<StudyRow> REFERENCES =
      List.of(StudyRow.RIDGE, StudyRow.UNET, StudyRow.NO_H);

  /** Windows of an ensemble that run at once. */
  private static final int BATCH = 64;

  private final Study study;
  private final Context context;
  private final Shard shard;

  public StudyEvaluation(Study study, Context context, Shard shard) {
    this.study = study;
    this.context = context;
    this.shard = shard;
  }

  /**
   * Evaluates what is complete.
   *
   * @param evaluator of the study's shard
   * @param fold name of the fold
   * @param selected which folds belong to it
   * @throws org.precordia.eval.EvaluationException when there is nothing to evaluate
   */
  public StudyResult evaluate(Evaluator evaluator, String fold, IntPredicate selected)
      throws IOException {
    study.requireSame();
    Map<String, String> provenance = Provenance.of(context, shard, study.options().precision());
    provenance.put("configuration", study.configuration());
    provenance.put("recipes", study.options().recipes().name());
    Map<Integer, Evaluation> bySeed = new TreeMap<>();
    for (int seed = 1; seed <= study.options().seeds(); seed++) {
      if (seed == 1 || hasRuns(seed)) {
        Optional<Evaluation> evaluation = evaluate(evaluator, fold, selected, seed, provenance);
        if (evaluation.isPresent()) {
          bySeed.put(seed, evaluation.get());
        }
      }
    }
    if (bySeed.isEmpty()) {
      throw new IllegalArgumentException(
          study.folder() + " has nothing to evaluate yet: let precordia study train it");
    }
    List<RowSummary> rows = new ArrayList<>();
    for (StudyRow row : study.options().rows()) {
      summary(row, bySeed).ifPresent(rows::add);
    }
    int looks = StudyLog.append(study, fold, rows, provenance);
    return new StudyResult(
        List.copyOf(bySeed.values()), rows, controls(bySeed), curve(bySeed), looks, provenance);
  }

  private Optional<Evaluation> evaluate(
      Evaluator evaluator,
      String fold,
      IntPredicate selected,
      int seed,
      Map<String, String> provenance)
      throws IOException {
    List<ModelFile> members = seed == 1 ? members() : List.of();
    try (Resources resources = new Resources()) {
      List<EvaluationRow> rows = rows(seed);
      if (members.size() > 1) {
        Stream stream = resources.add(context.stream());
        Precision precision = study.options().precision();
        Ensemble ensemble = resources.add(new Ensemble(stream, members, BATCH, precision));
        rows.addFirst(EvaluationRow.ensemble(StudyRow.ENSEMBLE.id(), members, ensemble));
      }
      return rows.isEmpty()
          ? Optional.empty()
          : Optional.of(
              evaluator.evaluate(
                  String.valueOf(shard.provenance().getOrDefault("dataset", shard.file())),
                  fold,
                  selected,
                  rows,
                  provenance));
    }
  }

  /** The model of every seed that is complete; none if the ensemble is not asked for. */
  private List<ModelFile> members() throws IOException {
    List<ModelFile> members = new ArrayList<>();
    if (study.options().rows().contains(StudyRow.ENSEMBLE)) {
      for (StudyRun run : study.runs()) {
        if (run.name().equals(StudyRow.MODEL.id()) && run.finished()) {
          members.add(ModelFile.read(run.model()));
        }
      }
    }
    return members;
  }

  private boolean hasRuns(int seed) {
    return study.runs().stream().anyMatch(run -> run.seed() == seed && run.finished());
  }

  /** The rows of one seed, the model last. */
  private List<EvaluationRow> rows(int seed) throws IOException {
    List<EvaluationRow> rows = new ArrayList<>();
    for (EvaluationRow fitted : new Baselines(study.folder()).read()) {
      boolean lagged = fitted.name().equals(EvaluationRow.RIDGE_LAGS);
      if (!lagged || study.options().rows().contains(StudyRow.RIDGE_LAGS)) {
        rows.add(fitted);
      }
    }
    List<EvaluationRow> trained = new ArrayList<>();
    for (StudyRun run : study.runs()) {
      if (run.seed() == seed && run.finished()) {
        EvaluationRow row = EvaluationRow.trained(run.name(), ModelFile.read(run.model()));
        if (run.percent() < StudyRun.ALL_PATIENTS) {
          rows.add(ridgeBeside(run));
          rows.add(row);
        } else {
          trained.add(row);
        }
      }
    }
    rows.addAll(trained);
    return rows;
  }

  private static EvaluationRow ridgeBeside(StudyRun run) throws IOException {
    EvaluationRow ridge =
        new Baselines(run.folder())
            .read().stream()
                .filter(row -> row.name().equals(EvaluationRow.RIDGE))
                .findFirst()
                .orElseThrow();
    return new EvaluationRow(
        StudyRun.name(StudyRow.RIDGE, run.percent()), ridge.model(), ridge.parameters());
  }

  /** The evaluations that have a row; for a row that is not trained, the first alone. */
  private static List<Evaluation> having(Map<Integer, Evaluation> bySeed, String row) {
    return bySeed.values().stream().filter(e -> has(e, row)).toList();
  }

  private static boolean has(Evaluation evaluation, String row) {
    return evaluation.rows().stream().anyMatch(r -> r.name().equals(row));
  }

  private Optional<RowSummary> summary(StudyRow row, Map<Integer, Evaluation> bySeed) {
    List<Evaluation> evaluations = having(bySeed, row.id());
    if (evaluations.isEmpty()) {
      return Optional.empty();
    }
    List<Evaluation> own = row.trained() ? evaluations : evaluations.subList(0, 1);
    RowFigures figures = new RowFigures(row.id());
    own.forEach(evaluation -> figures.add(evaluation.summaryJson()));
    SeedMeans means = SeedMeans.of(own, row.id());
    Map<String, RowSummary.Change> against = new LinkedHashMap<>();
    for (StudyRow reference : REFERENCES) {
      if (reference != row && row != StudyRow.MEAN && !having(bySeed, reference.id()).isEmpty()) {
        against.put(reference.id(), change(row, reference, bySeed, means));
      }
    }
    return Optional.of(
        new RowSummary(
            row.id(),
            row.what(),
            own.getFirst().row(row.id()).parameters(),
            row.trained() ? seedsOf(bySeed, row.id()) : List.of(),
            figures.spreads(),
            means.mean(),
            means.interval(),
            against));
  }

  private static List<Integer> seedsOf(Map<Integer, Evaluation> bySeed, String row) {
    return bySeed.keySet().stream().filter(seed -> has(bySeed.get(seed), row)).toList();
  }

  private static RowSummary.Change change(
      StudyRow row, StudyRow reference, Map<Integer, Evaluation> bySeed, SeedMeans means) {
    List<Double> percent = new ArrayList<>();
    for (Evaluation evaluation : bySeed.values()) {
      if (has(evaluation, row.id()) && has(evaluation, reference.id())) {
        percent.add(100 * (rmse(evaluation, row.id()) / rmse(evaluation, reference.id()) - 1));
      }
    }
    if (!row.trained() && !reference.trained()) {
      percent = percent.subList(0, 1);
    }
    SeedMeans base = SeedMeans.of(having(bySeed, reference.id()), reference.id());
    return new RowSummary.Change(new Spread(percent), means.against(base).interval());
  }

  private static double rmse(Evaluation evaluation, String row) {
    return figure(evaluation, row, Metric.RMSE_WINDOW);
  }

  private static double figure(Evaluation evaluation, String row, Metric metric) {
    RowResult result = evaluation.row(row);
    return result.mean().values().get(metric);
  }

  private List<ControlResult> controls(Map<Integer, Evaluation> bySeed) {
    List<ControlResult> results = new ArrayList<>();
    for (StudyRow row : study.options().rows()) {
      List<Evaluation> own = having(bySeed, row.id());
      for (StudyRow control : row.controls()) {
        List<Evaluation> other = having(bySeed, control.id());
        if (!own.isEmpty() && !other.isEmpty()) {
          SeedMeans means = SeedMeans.of(own, row.id());
          SeedMeans base = SeedMeans.of(other, control.id());
          results.add(new ControlResult(row, control, means.against(base)));
        }
      }
    }
    return results;
  }

  private List<CurvePoint> curve(Map<Integer, Evaluation> bySeed) throws IOException {
    List<CurvePoint> points = new ArrayList<>();
    for (int percent : study.options().curve()) {
      String model = StudyRun.name(StudyRow.MODEL, percent);
      String ridge = StudyRun.name(StudyRow.RIDGE, percent);
      List<Evaluation> evaluations = having(bySeed, model);
      if (!evaluations.isEmpty()) {
        points.add(
            new CurvePoint(
                percent,
                patients(model),
                new Spread(evaluations.stream().map(e -> rmse(e, model)).toList()),
                new Spread(evaluations.stream().map(e -> rmse(e, ridge)).toList()),
                new Spread(
                    evaluations.stream().map(e -> figure(e, model, Metric.PEARSON)).toList())));
      }
    }
    return points;
  }

  /** Patients that the first complete run of a name learned from. */
  private int patients(String name) throws IOException {
    for (StudyRun run : study.runs()) {
      if (run.name().equals(name) && run.finished()) {
        return run.patients();
      }
    }
    return 0;
  }
}
