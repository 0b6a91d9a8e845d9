// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.precordia.data.ReadAhead;
import org.precordia.model.BatchPart;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowSource;
import org.precordia.profile.CheckpointSpan;
import org.precordia.profile.PhaseSpan;
import org.precordia.profile.Profile;
import org.precordia.profile.StepSpan;
import org.precordia.profile.ValidationSpan;
import org.precordia.runtime.DType;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** Runs one stage of a recipe, epoch by epoch, from any point that a checkpoint names. */
final class StageLoop implements AutoCloseable {
  /** Below this share of the first parameters in the average, the average alone is validated. */
  private static final double SETTLED = 0.01;

  private static final int STAGE_SHIFT = 20;

  /** Steps whose windows are copied before the step is launched; see WindowFeed. */
  private static final int STEPS_AHEAD = 2;

  /** Share of an epoch's time that may go by in waiting for the disk before it is said. */
  private static final double NOTEWORTHY_WAIT = 0.01;

  private final Resources resources = new Resources();
  private final TrainingSession session;
  private final StageConfig stage;
  private final StagePlan plan;
  private final Stream stream;
  private final TrainingStep step;
  private final BatchPart part;
  private final Sampler sampler;
  private final InnerValidation validation;
  private final MetricsReader metrics;
  private final List<Tensor> index = new ArrayList<>();
  private final ReadAhead readAhead;
  private final Pace pace;

  private StepState state;
  private Progress progress;
  private float[] best;
  private boolean warnedOfAnchors;
  private boolean wishTold;
  private long epochStart;

  /**
   * Prepares a stage.
   *
   * @param progress where it goes on
   * @param state the step state to go on with, or null at the beginning of the stage
   * @param best best parameters of the stage so far, or null
   */
  StageLoop(
      TrainingSession session, StagePlan plan, Progress progress, StepState state, float[] best) {
    this.session = session;
    this.plan = plan;
    this.stage = plan.stage();
    this.stream = session.stream();
    this.progress = progress;
    this.best = best;
    boolean complete = false;
    try {
      WindowSource source = session.source();
      step =
          resources.add(
              new TrainingStep(
                  session.weights(),
                  session.optimiser(),
                  source,
                  session.recipe(),
                  stage,
                  plan.steps(),
                  plan.stepsPerEpoch(),
                  session.options().accumulate(),
                  session.ranks()));
      part = session.ranks().part(stage.sampler().batch());
      sampler = Sampler.of(stage, session.data(), session.options().order());
      readAhead =
          resources.add(
              new ReadAhead(session.data().shard(), STEPS_AHEAD * stage.sampler().batch()));
      validation =
          resources.add(
              switch (stage.kind()) {
                case CONTRASTIVE ->
                    new NeighbourValidation(source, session.data(), session.ranks());
                case CLASSIFICATION ->
                    new ClassifierValidation(source, session.data(), session.ranks());
                case JOINT, RECONSTRUCTION ->
                    new ReconstructionValidation(
                        source, WindowRef.list(session.data().inner()), session.ranks());
              });
      long entries = (long) plan.stepsPerEpoch() * stage.sampler().batch();
      for (int view = 0; view < stage.views().size(); view++) {
        index.add(resources.allocate(stream, DType.I32, entries, 2));
      }
      step.record(index);
      StageConfig.Loss loss = stage.loss();
      this.state =
          state != null
              ? state
              : StepState.initial(session.options().seed())
                  .weights(1, (float) loss.contrastive(), (float) loss.classifier());
      Tensor stops = session.ranks().several() ? step.stops() : null;
      metrics =
          resources.add(
              new MetricsReader(
                  stream, step.ring(), stops, this.state.step(), session.metricsInterval()));
      pace =
          new Pace(
              (long) stage.sampler().batch() * stage.views().size(),
              session.steps(),
              progress.seconds());
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /** How far the run is. */
  Progress progress() {
    return progress;
  }

  /** Best parameters of the stage, or null before the first validation. */
  float[] best() {
    return best;
  }

  /**
   * Runs to the end of the stage.
   *
   * @return false when a stop was requested; a checkpoint has been written then
   */
  boolean run() throws IOException {
    while (!done()) {
      try (PhaseSpan _ = new PhaseSpan("epoch", stage.name() + " " + (progress.epoch() + 1))) {
        if (!runEpoch()) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean runEpoch() throws IOException {
    beginEpoch();
    int last = stepsOfEpoch();
    while (progress.stepInEpoch() < last) {
      launch();
      progress = progress.stepped();
      readAhead.reached((long) progress.stepInEpoch() * stage.sampler().batch());
      report(metrics.stepped(progress.stageStep()));
      int every = session.options().checkpointEvery();
      boolean due = every > 0 && progress.step() % every == 0 && progress.stepInEpoch() < last;
      if (due) {
        checkpoint();
      }
      // Asked after whatever told a listener of steps: that is when one of them may ask to stop.
      if (stops()) {
        return stopped(due);
      }
    }
    report(metrics.drain(progress.stageStep()));
    if (stops()) {
      return stopped(false);
    }
    warnOfWaiting();
    validate();
    checkpoint();
    return true;
  }

  /** Ends the run where it is; an epoch whose steps are done is validated when it goes on. */
  private boolean stopped(boolean saved) throws IOException {
    if (!saved) {
      checkpoint();
    }
    return false;
  }

  /** Whether the run ends after this step: with several ranks when all of them know. */
  private boolean stops() {
    if (!session.ranks().several()) {
      return session.stopRequested();
    }
    session.ranks().check();
    if (session.stopRequested() && !wishTold) {
      wishTold = true;
      step.wishToStop();
    }
    return metrics.stop();
  }

  private void launch() {
    long number = progress.step() + 1;
    Profile.step(number);
    int windows = stage.sampler().batch() * stage.views().size();
    try (StepSpan _ = new StepSpan(stage.name(), number, windows)) {
      step.launch();
    }
  }

  private boolean done() {
    int stop = stage.patience().stopAfter();
    return progress.epoch() >= plan.epochs() || stop > 0 && progress.sinceBest() >= stop;
  }

  /** Steps of this epoch; the last one may be cut by the limit of steps. */
  private int stepsOfEpoch() {
    return (int)
        Math.min(
            plan.stepsPerEpoch(), plan.steps() - (long) progress.epoch() * plan.stepsPerEpoch());
  }

  private void beginEpoch() {
    int epoch = progress.epoch();
    Sampler.Index drawn =
        sampler.draw(
            Sampler.stream(session.options().seed(), progress.stage(), epoch),
            plan.stepsPerEpoch());
    for (int view = 0; view < index.size(); view++) {
      index.get(view).upload(stream, drawn.views()[view]);
    }
    if (progress.stepInEpoch() == 0) {
      long key = ((long) progress.stage() << STAGE_SHIFT) + epoch;
      state.beginEpoch(key, stage.sampler().batch());
    }
    state.upload(stream, step.state());
    readAhead.begin(drawn.groups(part), (long) progress.stepInEpoch() * stage.sampler().batch());
    step.beginEpoch(drawn.views(), state, progress.stepInEpoch(), stepsOfEpoch());
    epochStart = System.nanoTime();
    pace.resume();
  }

  private void report(List<MetricsRow> rows) throws IOException {
    for (MetricsRow row : rows) {
      long at = progress.stageStart() + row.step();
      if (row.nonFinite() > 0 || !Float.isFinite(row.loss())) {
        throw new TrainingException(
            "the loss is not finite at step %d of stage %s (loss %s, gradient norm %s): lower the"
                + " rate, or look for faulty records in the data; the last checkpoint is still"
                + " there",
            at, stage.name(), row.loss(), row.gradientNorm());
      }
      warnOfAnchors(row);
      TrainingListener.Step told = pace.step(stage.name(), at, row);
      session.run().write(told, (int) ((row.step() - 1) / plan.stepsPerEpoch()));
      session.listener().step(told);
      Profile.counter("windows/s", told.windowsPerSecond());
    }
  }

  private void warnOfAnchors(MetricsRow row) {
    boolean contrasts =
        stage.loss().contrastive() > 0
            && stage.kind() != StageConfig.Kind.RECONSTRUCTION
            && session.weights().config().pathology();
    if (contrasts && row.anchors() == 0 && !warnedOfAnchors) {
      warnedOfAnchors = true;
      session
          .listener()
          .message(
              "no window of a batch shares a label with another one: the contrastive loss is 0"
                  + " there");
    }
  }

  private void warnOfWaiting() {
    double seconds = (System.nanoTime() - epochStart) / 1e9;
    double waited = readAhead.secondsWaited();
    if (waited > NOTEWORTHY_WAIT * seconds) {
      session
          .listener()
          .message(
              "%.1f s of this epoch's %.1f s went by in waiting for the disk"
                  .formatted(waited, seconds));
    }
  }

  private void validate() throws IOException {
    try (ValidationSpan span = new ValidationSpan(stage.name(), progress.epoch() + 1)) {
      validate(span);
    }
  }

  private void validate(ValidationSpan span) throws IOException {
    session.requireSame(progress);
    Weights average = session.optimiser().validated();
    if (session.optimiser().averages()) {
      average.pack();
    }
    InnerValidation.Score score = validation.score(average);
    Weights chosen = average;
    double unsettled = Math.pow(session.recipe().averageDecay(), progress.stageStep());
    if (session.optimiser().averages() && unsettled > SETTLED) {
      // Few steps so far: the average still holds much of the first parameters.
      InnerValidation.Score raw = validation.score(session.weights());
      if (raw.beats(score.value())) {
        score = raw;
        chosen = session.weights();
      }
    }
    boolean better = score.beats(progress.bestScore());
    if (better) {
      best = chosen.values().floats(stream);
      session.improved(plan.index(), best);
    }
    int halveAfter = stage.patience().halveAfter();
    boolean halve = !better && halveAfter > 0 && progress.sinceHalved() + 1 >= halveAfter;
    state = StepState.download(stream, step.state());
    if (halve) {
      state.rateScale(state.rateScale() / 2);
    }
    progress = progress.validated(score.value(), better, halve);
    TrainingListener.Validation told =
        new TrainingListener.Validation(
            stage.name(),
            progress.epoch(),
            plan.epochs(),
            progress.step(),
            score.name(),
            score.value(),
            better);
    span.result(score.name(), score.value(), better);
    session.run().write(told);
    session.listener().validated(told);
  }

  private void checkpoint() throws IOException {
    report(metrics.drain(progress.stageStep()));
    session.run().flush();
    if (progress.stepInEpoch() > 0) {
      state = StepState.download(stream, step.state());
    }
    progress = progress.after(pace.seconds());
    session.requireSame(progress);
    try (CheckpointSpan _ = new CheckpointSpan(progress.step())) {
      session.checkpoint(progress, state, best);
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
