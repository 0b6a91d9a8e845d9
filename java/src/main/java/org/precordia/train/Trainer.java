// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.precordia.data.Shard;
import org.precordia.data.Windows;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.Initialisation;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ProgramVersion;
import org.precordia.model.RidgeAnchor;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowSource;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.Context;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;

/**
 * Trains a network on a shard by a recipe, into a folder.
 *
 * <pre>{@code
 * try (Shard shard = Shard.open(file);
 *     Context context = Context.open(Backend.AUTO.select())) {
 *   TrainingOptions options = TrainingOptions.builder().seed(1).build();
 *   Trainer.create(context, shard, Recipe.joint(), options, folder, listener).run();
 * }
 * }</pre>
 *
 * <p>A run can be stopped at any step and resumed: the result is the same, bit for bit, as if it
 * had never stopped, and for any number of threads.
 */
public final class Trainer {
  private static final int FIT_BATCH = 128;

  private final Context context;
  private final Shard shard;
  private final RunConfig config;
  private final Path folder;
  private final TrainingListener listener;
  private final boolean resume;
  private DataPlacement placement = DataPlacement.AUTO;
  private int metricsInterval;
  private volatile boolean stop;

  private Trainer(
      Context context,
      Shard shard,
      RunConfig config,
      Path folder,
      TrainingListener listener,
      boolean resume) {
    this.context = context;
    this.shard = shard;
    this.config = config;
    this.folder = folder;
    this.listener = listener;
    this.resume = resume;
    this.metricsInterval = MetricsReader.interval(context);
  }

  /**
   * A new run.
   *
   * @param folder where everything goes; made if need be, must not hold a run
   */
  public static Trainer create(
      Context context,
      Shard shard,
      Recipe recipe,
      TrainingOptions options,
      Path folder,
      TrainingListener listener) {
    RunConfig config = RunConfig.of(recipe, options, shard);
    return new Trainer(context, shard, config, folder, listener, false);
  }

  /**
   * Goes on with a run from its last checkpoint, or from its start if there is none yet. Recipe and
   * options are those that it was created with.
   *
   * @param shard the data that it was started with, wherever they lie now
   * @throws TrainingException if the folder holds no run, or the data are others
   */
  public static Trainer resume(Context context, Shard shard, Path folder, TrainingListener listener)
      throws IOException {
    RunConfig config = RunConfig.ofJson(RunDirectory.readConfig(folder));
    if (!config.fingerprint().equals(shard.fingerprint())) {
      throw new TrainingException(
          "%s has other content (%s) than the data that the run in %s was started with (%s, %s)",
          shard.file(), shard.fingerprint(), folder, config.data(), config.fingerprint());
    }
    return new Trainer(context, shard, config, folder, listener, true);
  }

  /** Where the data of a run lay when it was created. */
  public static Path dataOf(Path folder) throws IOException {
    return Path.of(RunConfig.ofJson(RunDirectory.readConfig(folder)).data());
  }

  /** How the run is trained. */
  public Recipe recipe() {
    return config.recipe();
  }

  /** What the run trains. */
  public TrainingOptions options() {
    return config.options();
  }

  /** The records that the run draws on, those of the patients held out included. */
  public int[] records() {
    return PatientSplit.of(shard, config.recipe(), config.options()).all();
  }

  /** Records of the training patients that are held out for choosing epochs, ascending. */
  public int[] heldOut() {
    return PatientSplit.of(shard, config.recipe(), config.options()).inner();
  }

  /**
   * Sets where the data lie; a run may go on with another placement, its result is the same.
   *
   * @return this
   */
  public Trainer place(DataPlacement data) {
    placement = data;
    return this;
  }

  /**
   * Lets steps be told as late on the CPU as on a device.
   *
   * @return this
   */
  Trainer readMetricsEvery(int steps) {
    metricsInterval = steps;
    return this;
  }

  /**
   * Lets the run write a checkpoint after the steps that were launched, and end: on the CPU that is
   * the step in progress, on a GPU at most 32. From any thread.
   */
  public void requestStop() {
    stop = true;
  }

  /**
   * Trains to the end, or until a stop is requested.
   *
   * @throws TrainingException when training cannot begin or go on
   * @throws IOException when the run's files cannot be written
   */
  public TrainingResult run() throws IOException {
    Path checkpointFile = RunDirectory.checkpointOf(folder);
    TrainingData data;
    try (PhaseSpan _ = new PhaseSpan("choose windows", shard.file())) {
      data = new TrainingData(shard, config.recipe(), config.options());
    }
    NetworkConfig network =
        config.options().network(data.labels().vocabulary(), config.recipe().anchor());
    ParameterLayout layout = new ParameterLayout(network);
    Checkpoint checkpoint =
        resume && Files.exists(checkpointFile)
            ? Checkpoint.read(checkpointFile, layout.size(), layout.trainableCount(), config.hash())
            : null;
    long done = checkpoint == null ? 0 : checkpoint.progress().step();
    try (RunDirectory run =
            resume
                ? RunDirectory.reopen(folder, done)
                : RunDirectory.create(folder, config.toJson());
        Session session = new Session(run, data, network)) {
      return session.train(checkpoint);
    }
  }

  /** The device's side of a run. */
  private final class Session implements TrainingSession, AutoCloseable {
    private final Resources resources = new Resources();
    private final RunDirectory run;
    private final TrainingData data;
    private final NetworkConfig network;
    private final Stream stream;
    private final WindowSource source;
    private final Weights weights;
    private final Optimiser optimiser;
    private final List<StagePlan> plans;

    Session(RunDirectory run, TrainingData data, NetworkConfig network) {
      this.run = run;
      this.data = data;
      this.network = network;
      this.plans = StagePlan.of(recipe(), options(), data.learning().size());
      if (plans.isEmpty()) {
        throw new TrainingException(
            "recipe %s has no stage that trains a network without a pathology branch",
            recipe().name());
      }
      boolean complete = false;
      try {
        stream = resources.add(context.stream());
        DeviceRecords records =
            resources.add(new DeviceRecords(stream, shard, data.labels().masks(), placement));
        if (records.streamed()) {
          listener.message(
              "the samples, %,.1f MiB, stay on the host; each step's windows are uploaded while the step before it runs"
                  .formatted(shard.sampleBytes() / 0x1p20));
        }
        boolean balanced = plans.stream().anyMatch(plan -> plan.stage().sampler().balanced());
        listener.message(options().order().sentence(shard, balanced));
        source = resources.add(new WindowSource(stream, network, data.standardisation(), records));
        weights = resources.add(new Weights(stream, network, options().precision().storage()));
        optimiser = resources.add(new Optimiser(weights, recipe()));
        complete = true;
      } finally {
        if (!complete) {
          resources.close();
        }
      }
    }

    TrainingResult train(Checkpoint checkpoint) throws IOException {
      Progress progress = checkpoint == null ? Progress.START : checkpoint.progress();
      listener.started(plan(progress));
      if (checkpoint == null) {
        optimiser.setParameters(firstParameters());
      } else {
        restore(checkpoint);
      }
      StepState state = checkpoint == null ? null : checkpoint.state();
      float[] best = checkpoint == null ? null : checkpoint.best();
      String score = "";
      while (true) {
        StagePlan stagePlan = plans.get(progress.stage());
        boolean completed;
        try (StageLoop loop = new StageLoop(this, stagePlan, progress, state, best)) {
          completed = loop.run();
          progress = loop.progress();
          best = loop.best();
        }
        score =
            switch (stagePlan.stage().kind()) {
              case CONTRASTIVE -> "knn5_balanced_accuracy";
              case CLASSIFICATION -> ClassifierValidation.SCORE;
              case JOINT, RECONSTRUCTION -> "rmse_window";
            };
        boolean last = progress.stage() == plans.size() - 1;
        if (!completed || last) {
          return new TrainingResult(
              run.model(),
              completed,
              progress.step(),
              progress.seconds(),
              score,
              progress.bestScore());
        }
        optimiser.setParameters(handOn(progress.stage() + 1, best));
        optimiser.reset();
        progress = Progress.ofStage(progress.stage() + 1, progress.step(), progress.seconds());
        state = null;
        best = null;
      }
    }

    private TrainingListener.Plan plan(Progress progress) {
      return new TrainingListener.Plan(
          patients(data.learningRecords()),
          patients(data.innerRecords()),
          data.learning().size(),
          data.learning().outliers(),
          network.labels().size(),
          weights.layout().trainableCount(),
          steps(),
          progress.step());
    }

    private int patients(int[] records) {
      return (int) Arrays.stream(records).map(r -> shard.record(r).patient()).distinct().count();
    }

    private float[] firstParameters() {
      ParameterLayout layout = weights.layout();
      float[] flat = Initialisation.draw(layout, options().seed());
      if (network.anchor()) {
        float[] anchor;
        try (PhaseSpan _ = new PhaseSpan("fit anchor", "ridge regression")) {
          anchor =
              RidgeAnchor.fit(
                  source,
                  WindowRef.list(data.learning().thinned(Windows.MOST_MEASURED)),
                  FIT_BATCH,
                  recipe().anchorPenalty());
        }
        int begin = (int) layout.range(ParameterGroup.ANCHOR).begin();
        System.arraycopy(anchor, 0, flat, begin, anchor.length);
      }
      return flat;
    }

    /** What a later stage begins with. */
    private float[] handOn(int stage, float[] before) {
      StageConfig next = plans.get(stage).stage();
      if (!next.afresh()) {
        return before;
      }
      float[] flat = before.clone();
      ParameterLayout.Range range = Optimiser.range(weights.layout(), next.kind());
      int begin = (int) range.begin();
      float[] drawn = Initialisation.draw(weights.layout(), options().seed());
      System.arraycopy(drawn, begin, flat, begin, (int) range.count());
      return flat;
    }

    private void restore(Checkpoint checkpoint) {
      weights.upload(checkpoint.parameters());
      optimiser.firstMoment().upload(stream, checkpoint.firstMoment());
      optimiser.secondMoment().upload(stream, checkpoint.secondMoment());
      if (optimiser.averages()) {
        optimiser.validated().upload(checkpoint.average());
      }
    }

    @Override
    public void checkpoint(Progress progress, StepState state, float[] best) throws IOException {
      new Checkpoint(
              progress,
              config.hash(),
              weights.values().floats(stream),
              optimiser.firstMoment().floats(stream),
              optimiser.secondMoment().floats(stream),
              optimiser.averages() ? optimiser.validated().values().floats(stream) : null,
              best,
              state)
          .write(run.checkpoint());
    }

    @Override
    public void improved(int stage, float[] parameters) throws IOException {
      if (stage == plans.size() - 1) {
        try (PhaseSpan _ = new PhaseSpan("write model", run.model())) {
          new ModelFile(metadata(), parameters).write(run.model());
        }
      }
    }

    private ModelMetadata metadata() {
      ObjectMapper json = new ObjectMapper();
      ObjectNode provenance = json.createObjectNode();
      provenance.put("records", data.learningRecords().length);
      provenance.put("patients", patients(data.learningRecords()));
      provenance.put("windows", data.learning().size());
      provenance.put("seed", options().seed());
      provenance.put("fingerprint", shard.fingerprint());
      provenance.set("data", json.valueToTree(shard.provenance()));
      return new ModelMetadata(
          network,
          shard.rate(),
          shard.preset(),
          data.standardisation(),
          recipe().toJson(),
          provenance.toString(),
          ProgramVersion.get());
    }

    @Override
    public Stream stream() {
      return stream;
    }

    @Override
    public Recipe recipe() {
      return config.recipe();
    }

    @Override
    public TrainingOptions options() {
      return config.options();
    }

    @Override
    public TrainingData data() {
      return data;
    }

    @Override
    public WindowSource source() {
      return source;
    }

    @Override
    public Weights weights() {
      return weights;
    }

    @Override
    public Optimiser optimiser() {
      return optimiser;
    }

    @Override
    public RunDirectory run() {
      return run;
    }

    @Override
    public TrainingListener listener() {
      return listener;
    }

    @Override
    public long steps() {
      StagePlan last = plans.getLast();
      return last.firstStep() + last.steps();
    }

    @Override
    public int metricsInterval() {
      return metricsInterval;
    }

    @Override
    public boolean stopRequested() {
      return stop;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
