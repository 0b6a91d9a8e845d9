// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.precordia.data.Shard;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.Evaluator;
import org.precordia.eval.Metric;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.train.Recipe;
import org.precordia.train.Trainer;
import org.precordia.train.TrainingListener;
import org.precordia.train.TrainingOptions;

/**
 * How long training takes to reach an accuracy on patients it has not seen
 * (docs/benchmark-rules.md): the model of the best epoch so far is judged on fold {@value #FOLD}
 * after every epoch, and the clock, which starts when training is told to begin, stops when it is
 * good enough. Judging counts.
 */
public final class TimeToAccuracy {
  /** Patients that no run learns from. */
  public static final int FOLD = 9;

  private static final double NANO = 1e-9;

  private final Context context;
  private final Shard shard;
  private final Recipe recipe;
  private final Goal goal;
  private final Path folder;

  /**
   * One run.
   *
   * @param seed its key of random numbers
   * @param seconds time to the goal, or to the end where it was not reached
   * @param epochs epochs until then
   * @param figure best figure that was reached
   * @param reached whether the goal was
   */
  public record Run(long seed, double seconds, int epochs, double figure, boolean reached) {}

  /** Hears of runs. */
  public interface Progress {
    /** An epoch of a run was judged. */
    void judged(long seed, int epoch, double figure, double seconds);
  }

  /**
   * Prepares.
   *
   * @param folder where runs and their logs go, a folder a seed
   */
  public TimeToAccuracy(Context context, Shard shard, Recipe recipe, Goal goal, Path folder) {
    this.context = context;
    this.shard = shard;
    this.recipe = recipe;
    this.goal = goal;
    this.folder = folder;
  }

  /**
   * Trains once.
   *
   * @param options what is trained; its seed is the run's
   */
  public Run run(TrainingOptions options, Progress progress) throws IOException {
    Path run = folder.resolve("seed-" + options.seed());
    Files.createDirectories(run);
    try (MlperfLog log = new MlperfLog(run.resolve("mlperf.log"), recipe, options)) {
      Judge judge = new Judge(log, run.resolve("model.safetensors"), options, progress);
      Trainer trainer = Trainer.create(context, shard, recipe, options, run, judge);
      judge.trainer = trainer;
      judge.begin = System.nanoTime();
      trainer.place(DataPlacement.AUTO).run();
      log.stop(judge.reached);
      return new Run(options.seed(), judge.seconds, judge.epochs, judge.best, judge.reached);
    }
  }

  /**
   * The result of several runs: the median of their times, or that the goal was not reached.
   *
   * @param point what was trained
   * @param threads CPU threads; 0 on a GPU
   */
  public Measurement measurement(List<Run> runs, StepPoint point, int patients, int threads) {
    SortedMap<String, String> shape =
        new TreeMap<>(
            Map.of(
                "recipe", recipe.name(),
                "patients", String.valueOf(patients),
                "goal", goal.toString()));
    BenchmarkCase id = point.of("train", "time to accuracy", shape, threads);
    List<Run> failed = runs.stream().filter(run -> !run.reached()).toList();
    if (!failed.isEmpty()) {
      return Measurement.of(id)
          .failed(
              "error",
              String.format(
                  Locale.ROOT,
                  "%d of %d runs did not reach %s; best %.4f",
                  failed.size(),
                  runs.size(),
                  goal,
                  failed.getFirst().figure()))
          .build();
    }
    Timing timing = new Timing();
    runs.forEach(run -> timing.add(1e3 * run.seconds()));
    return Measurement.of(id).times(timing).value(timing.medianMs() / 1e3, "s").build();
  }

  /** Judges epochs, and stops the run when one is good enough. */
  private final class Judge implements TrainingListener {
    private final MlperfLog log;
    private final Path model;
    private final TrainingOptions options;
    private final Progress progress;
    private Trainer trainer;
    private long begin;
    private double seconds;
    private int epochs;
    private double best = Double.NaN;
    private boolean reached;

    Judge(MlperfLog log, Path model, TrainingOptions options, Progress progress) {
      this.log = log;
      this.model = model;
      this.options = options;
      this.progress = progress;
    }

    @Override
    public void started(Plan plan) {
      log.started(plan);
    }

    @Override
    public void step(Step step) {
      log.step(step);
    }

    @Override
    public void validated(Validation validation) {
      if (reached) {
        return;
      }
      log.beginEvaluation();
      log.accuracy(validation.score(), validation.value());
      epochs++;
      // Only better epochs leave another model, and only the last stage leaves any.
      if (validation.best() && Files.exists(model)) {
        best = figure();
        log.accuracy(goal.score().name().toLowerCase(Locale.ROOT), best);
        reached = goal.reached(best);
      }
      seconds = (System.nanoTime() - begin) * NANO;
      log.endEvaluation(!reached && validation.epoch() < validation.epochs());
      progress.judged(options.seed(), epochs, best, seconds);
      if (reached) {
        trainer.requestStop();
      }
    }

    private double figure() {
      try (Stream stream = context.stream()) {
        EvaluationRow row = EvaluationRow.trained(EvaluationRow.MODEL, ModelFile.read(model));
        Evaluation evaluation =
            new Evaluator(
                    stream,
                    shard,
                    DataPlacement.AUTO,
                    options.precision(),
                    (name, done, total) -> {})
                .evaluate(
                    "synthetic",
                    String.valueOf(FOLD),
                    fold -> fold == FOLD,
                    List.of(row),
                    Map.of());
        Metric metric = goal.score() == Goal.Score.PEARSON ? Metric.PEARSON : Metric.RMSE_WINDOW;
        return evaluation.row(EvaluationRow.MODEL).mean().values().get(metric);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Options of the runs of several seeds. */
  public static List<TrainingOptions> seeds(StepPoint point, long first, int count) {
    List<TrainingOptions> options = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      options.add(
          TrainingOptions.builder()
              .width(point.width())
              .seed(first + i)
              .precision(point.precision())
              .build());
    }
    return options;
  }
}
