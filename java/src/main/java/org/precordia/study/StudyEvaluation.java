// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.precordia.data.Shard;
import org.precordia.eval.Baselines;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.Evaluator;
import org.precordia.eval.Provenance;
import org.precordia.eval.embedding.EmbeddingEvaluator;
import org.precordia.eval.embedding.EmbeddingResult;
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
  /** Windows of an ensemble that run at once. */
  private static final int BATCH = 64;

  private final Study study;
  private final Context context;
  private final Shard shard;
  private EmbeddingEvaluator embedding;
  private Evaluator.Progress progress;

  public StudyEvaluation(Study study, Context context, Shard shard) {
    this.study = study;
    this.context = context;
    this.shard = shard;
  }

  /**
   * Measures what h holds too, of every row that has one.
   *
   * @param ofEmbedding of the study's shard
   * @param heard hears how far it is
   * @return this
   */
  public StudyEvaluation embed(EmbeddingEvaluator ofEmbedding, Evaluator.Progress heard) {
    embedding = ofEmbedding;
    progress = heard;
    return this;
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
    List<SeedEvaluation> seeds = new ArrayList<>();
    for (int seed = 1; seed <= study.options().seeds(); seed++) {
      if (seed == 1 || hasRuns(seed)) {
        evaluate(evaluator, fold, selected, seed, provenance).ifPresent(seeds::add);
      }
    }
    if (seeds.isEmpty()) {
      throw new IllegalArgumentException(
          study.folder() + " has nothing to evaluate yet: let precordia study train it");
    }
    StudySummary summary = new StudySummary(study, seeds);
    List<RowSummary> rows = summary.rows();
    int looks = StudyLog.append(study, fold, rows, provenance);
    return new StudyResult(
        seeds.stream().map(SeedEvaluation::evaluation).toList(),
        rows,
        summary.comparisons(),
        summary.curve(),
        looks,
        provenance);
  }

  private Optional<SeedEvaluation> evaluate(
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
        rows.addFirst(EvaluationRow.ensemble(members, ensemble));
      }
      if (rows.isEmpty()) {
        return Optional.empty();
      }
      Evaluation evaluation =
          evaluator.evaluate(
              String.valueOf(shard.provenance().getOrDefault("dataset", shard.file())),
              fold,
              selected,
              rows,
              provenance);
      return Optional.of(new SeedEvaluation(seed, evaluation, embeddings(rows, selected, seed)));
    }
  }

  /** What each row's h holds; rows of the learning curve are left out. */
  private Map<String, EmbeddingResult> embeddings(
      List<EvaluationRow> rows, IntPredicate selected, int seed) {
    Map<String, EmbeddingResult> results = new LinkedHashMap<>();
    if (embedding != null) {
      for (EvaluationRow row : rows) {
        if (isAsked(row.name()) && row.function().isEmpty()) {
          embedding
              .evaluate(
                  row.model(),
                  selected,
                  (done, total) ->
                      progress.windows("h of %s, seed %d".formatted(row.name(), seed), done, total))
              .ifPresent(result -> results.put(row.name(), result));
        }
      }
    }
    return results;
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

  private boolean isAsked(String row) {
    return study.options().rows().stream().anyMatch(asked -> asked.id().equals(row));
  }

  private boolean hasRuns(int seed) {
    return study.runs().stream().anyMatch(run -> run.seed() == seed && run.finished());
  }

  /** The rows of one seed, the model last. */
  private List<EvaluationRow> rows(int seed) throws IOException {
    List<EvaluationRow> rows = new ArrayList<>();
    for (EvaluationRow fitted : new Baselines(study.folder()).read()) {
      // No seed changes them; ridge alone is needed each time, as what others are held against.
      boolean first = seed == 1 && isAsked(fitted.name());
      if (first || fitted.name().equals(EvaluationRow.RIDGE)) {
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
}
