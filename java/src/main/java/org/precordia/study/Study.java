// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.precordia.data.Shard;
import org.precordia.eval.Baselines;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.train.RunIdentity;
import org.precordia.train.Trainer;
import org.precordia.train.TrainingData;
import org.precordia.train.TrainingOptions;
import org.precordia.train.TrainingResult;

/**
 * Trains the rows of a study into a folder, all by the same trainer on the same data: each row and
 * seed is a run in {@code runs/ROW/SEED}, rows that need no training lie in {@code rows}. What is
 * complete is not trained again, what was interrupted goes on.
 */
public final class Study {
  private final Context context;
  private final Shard shard;
  private final Path folder;
  private final StudyOptions options;
  private final DataPlacement placement;
  private final List<StudyRun> runs;
  private volatile Trainer current;
  private volatile boolean stop;

  /**
   * @param folder where everything goes
   * @param placement where the shard's samples lie while something is trained
   */
  public Study(
      Context context, Shard shard, Path folder, StudyOptions options, DataPlacement placement) {
    this.context = context;
    this.shard = shard;
    this.folder = folder;
    this.options = options;
    this.placement = placement;
    this.runs = plan(folder, options);
  }

  /** All rows with the first seed, then with the next: the table is whole as early as can be. */
  private static List<StudyRun> plan(Path folder, StudyOptions options) {
    List<StudyRun> plan = new ArrayList<>();
    for (int seed = 1; seed <= options.seeds(); seed++) {
      for (StudyRow row : options.rows()) {
        if (row.trained()) {
          plan.add(StudyRun.of(folder, row, StudyRun.ALL_PATIENTS, seed, options));
        }
      }
      for (int percent : options.curve()) {
        if (percent < StudyRun.ALL_PATIENTS) {
          plan.add(StudyRun.of(folder, StudyRow.MODEL, percent, seed, options));
        }
      }
    }
    return List.copyOf(plan);
  }

  /** Every network of the study, in the order of training. */
  public List<StudyRun> runs() {
    return runs;
  }

  /** What is studied. */
  public StudyOptions options() {
    return options;
  }

  /** Where everything lies. */
  public Path folder() {
    return folder;
  }

  /** Names all that decides the networks of the study. */
  String configuration() {
    StringBuilder all = new StringBuilder();
    for (StudyRun run : runs) {
      all.append(run.name()).append(' ').append(run.seed()).append(' ');
      all.append(RunIdentity.of(shard, run.recipe(), run.options())).append('\n');
    }
    return UUID.nameUUIDFromBytes(all.toString().getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** Lets the run in progress write a checkpoint and end, and begins no other. From any thread. */
  public void requestStop() {
    stop = true;
    Trainer running = current;
    if (running != null) {
      running.requestStop();
    }
  }

  /**
   * Trains and fits what is missing.
   *
   * @return whether all is there; false when a stop was requested
   * @throws org.precordia.train.TrainingException when the folder holds a run of another
   *     configuration, before anything is trained
   */
  public boolean train(StudyListener listener) throws IOException {
    requireSame();
    TrainingOptions common = options.training().build();
    TrainingData data = new TrainingData(shard, options.recipes().joint(), common);
    boolean lagged = options.rows().contains(StudyRow.RIDGE_LAGS);
    new StudyFits(folder, shard).fit(context, data, common, lagged, placement, listener);
    StudyPace pace = new StudyPace(runs, data.learning().size());
    for (StudyRun run : runs) {
      if (!run.finished() && !train(run, listener, pace)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Requires that everything in the folder is what would be trained now.
   *
   * @throws org.precordia.train.TrainingException when it is not
   */
  void requireSame() throws IOException {
    new StudyFits(folder, shard).requireSame();
    for (StudyRun run : runs) {
      if (run.begun()) {
        RunIdentity.requireSame(run.folder(), shard, run.recipe(), run.options());
      }
    }
  }

  private boolean train(StudyRun run, StudyListener listener, StudyPace pace) throws IOException {
    var heard = listener.begin(run, pace.position());
    Trainer trainer =
        run.begun()
            ? Trainer.resume(context, shard, run.folder(), heard)
            : Trainer.create(context, shard, run.recipe(), run.options(), run.folder(), heard);
    current = trainer;
    if (stop) {
      return false;
    }
    TrainingResult result;
    try {
      result = trainer.place(placement).run();
    } finally {
      current = null;
      listener.end(run);
    }
    if (result.completed()) {
      if (run.percent() < StudyRun.ALL_PATIENTS) {
        fitBeside(run, trainer);
      }
      run.finish(result);
    }
    return result.completed();
  }

  /** Ridge regression on the patients that a run of the learning curve had. */
  private void fitBeside(StudyRun run, Trainer trainer) throws IOException {
    try (Stream stream = context.stream()) {
      new Baselines(run.folder())
          .fit(stream, shard, ModelFile.read(run.model()).metadata(), trainer.records(), placement);
    }
  }
}
