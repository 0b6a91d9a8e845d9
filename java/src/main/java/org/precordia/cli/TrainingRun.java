// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.precordia.benchmark.MlperfLog;
import org.precordia.data.Shard;
import org.precordia.eval.Baselines;
import org.precordia.eval.DiagnosisClassifier;
import org.precordia.eval.EvaluationRow;
import org.precordia.model.Conditioning;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.train.Recipe;
import org.precordia.train.StopOnShutdown;
import org.precordia.train.Trainer;
import org.precordia.train.TrainingOptions;
import org.precordia.train.TrainingResult;

/**
 * A run with the rows that an evaluation sets beside it: the model in {@code RUN}, mean and ridge
 * regression in {@code RUN/rows}, and the control without pathology branch, if wanted, in {@code
 * RUN/no-h}. Of several ranks the first one alone makes the rows.
 */
final class TrainingRun {
  private static final String CONTROL = "no-h";

  private final Output output;
  private final Context context;
  private final Communicator communicator;
  private final Shard shard;
  private final DataPlacement placement;
  private final Path folder;
  private Path mlperf;

  TrainingRun(
      Output output,
      Context context,
      Communicator communicator,
      Shard shard,
      DataPlacement placement,
      Path folder) {
    this.output = output;
    this.context = context;
    this.communicator = communicator;
    this.shard = shard;
    this.placement = placement;
    this.folder = folder;
  }

  /** Writes the lines of MLPerf's log to a file too; null: none. */
  TrainingRun logMlperf(Path file) {
    mlperf = file;
    return this;
  }

  /** Starts a run. */
  TrainingResult start(Recipe recipe, TrainingOptions options, boolean control) throws IOException {
    TrainingProgress progress = new TrainingProgress(output, "train");
    if (mlperf == null || !first()) {
      Trainer trainer =
          Trainer.create(context, shard, recipe, options, folder, progress, communicator);
      return finish(trainer, progress, control);
    }
    try (MlperfLog log = new MlperfLog(mlperf, recipe, options)) {
      Trainer trainer =
          Trainer.create(context, shard, recipe, options, folder, progress.and(log), communicator);
      TrainingResult result = run(trainer, progress);
      log.stop(result.completed());
      return complete(trainer, result, control);
    }
  }

  /** Goes on with a run. */
  TrainingResult resume(boolean control) throws IOException {
    TrainingProgress progress = new TrainingProgress(output, "train");
    return finish(
        Trainer.resume(context, shard, folder, progress, communicator), progress, control);
  }

  private TrainingResult finish(Trainer trainer, TrainingProgress progress, boolean control)
      throws IOException {
    return complete(trainer, run(trainer, progress), control);
  }

  /** Adds the rows of an evaluation to a run that is complete. */
  private TrainingResult complete(Trainer trainer, TrainingResult result, boolean control)
      throws IOException {
    if (!result.completed()) {
      return result;
    }
    if (trainer.recipe().classifies()) {
      if (first()) {
        calibrate(trainer, result.model());
      }
      return result;
    }
    Baselines baselines = new Baselines(folder);
    if (first()) {
      fit(baselines, trainer, result.model());
    }
    Path controlFolder = folder.resolve(CONTROL);
    if (trainer.ofFirst(control || Files.exists(controlFolder))) {
      TrainingResult controlled = runControl(trainer, controlFolder);
      if (!controlled.completed()) {
        return controlled;
      }
      if (first()) {
        ModelFile.read(controlled.model()).write(baselines.file(EvaluationRow.NO_H));
      }
    }
    return result;
  }

  private boolean first() {
    return communicator.rank() == 0;
  }

  private void fit(Baselines baselines, Trainer trainer, Path model) throws IOException {
    try (PhaseSpan _ = new PhaseSpan("fit baselines", folder);
        Stream stream = context.stream()) {
      baselines.fit(stream, shard, ModelFile.read(model).metadata(), trainer.records(), placement);
    }
  }

  /** Chooses the classifier's thresholds on the patients that its training held out. */
  private void calibrate(Trainer trainer, Path model) throws IOException {
    try (PhaseSpan _ = new PhaseSpan("choose thresholds", folder);
        Stream stream = context.stream()) {
      DiagnosisClassifier.read(model)
          .calibrated(stream, shard, trainer.heldOut(), placement)
          .model()
          .write(model);
    }
  }

  private TrainingResult runControl(Trainer model, Path controlFolder) throws IOException {
    TrainingProgress progress = new TrainingProgress(output, CONTROL);
    Trainer trainer =
        model.ofFirst(Files.exists(controlFolder))
            ? Trainer.resume(context, shard, controlFolder, progress, communicator)
            : Trainer.create(
                context,
                shard,
                model.recipe(),
                model.options().withConditioning(Conditioning.NONE),
                controlFolder,
                progress,
                communicator);
    return run(trainer, progress);
  }

  private TrainingResult run(Trainer trainer, TrainingProgress progress) throws IOException {
    try (progress;
        StopOnShutdown _ = new StopOnShutdown(trainer::requestStop)) {
      return trainer.place(placement).run();
    }
  }
}
