// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ProgramVersion;
import org.precordia.model.Weights;
import org.precordia.model.WindowSource;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.CommunicationException;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;

/**
 * The device's side of a run: parameters, optimiser and data, and the stages one after the other.
 */
final class RunSession implements TrainingSession, AutoCloseable {
  private final Resources resources = new Resources();
  private final Setup setup;
  private final RunDirectory run;
  private final TrainingData data;
  private final NetworkConfig network;
  private final Stream stream;
  private final WindowSource source;
  private final FirstParameters first;
  private final Weights weights;
  private final Optimiser optimiser;
  private final List<StagePlan> plans;

  /** Last step that a checkpoint holds; 0 before the first. */
  private long saved;

  /**
   * What a run is given.
   *
   * @param metricsInterval steps from one reading of the metrics to the next
   * @param stop whether this rank is asked to stop
   */
  record Setup(
      Shard shard,
      RunConfig config,
      TrainingRanks ranks,
      DataPlacement placement,
      TrainingListener listener,
      int metricsInterval,
      BooleanSupplier stop) {}

  RunSession(
      Setup setup, Stream stream, RunDirectory run, TrainingData data, NetworkConfig network) {
    this.setup = setup;
    this.stream = stream;
    this.run = run;
    this.data = data;
    this.network = network;
    this.plans = StagePlan.of(recipe(), options(), data.learning().size());
    if (plans.isEmpty()) {
      throw new TrainingException(
          "recipe %s has no stage that trains a network without a pathology branch",
          recipe().name());
    }
    // Now, rather than when a later stage begins.
    plans.forEach(plan -> setup.ranks().part(plan.stage(), options().accumulate()));
    first = new FirstParameters(new ParameterLayout(network), recipe(), options());
    boolean complete = false;
    try {
      DeviceRecords records =
          resources.add(
              new DeviceRecords(stream, setup.shard(), data.labels().masks(), setup.placement()));
      if (records.streamed()) {
        setup
            .listener()
            .message(
                "the samples, %,.1f MiB, stay on the host; each step's windows are uploaded while the step before it runs"
                    .formatted(setup.shard().sampleBytes() / 0x1p20));
      }
      boolean balanced = plans.stream().anyMatch(plan -> plan.stage().sampler().balanced());
      setup.listener().message(options().order().sentence(setup.shard(), balanced));
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
    setup.listener().started(plan(progress));
    if (checkpoint == null) {
      optimiser.setParameters(first.ofRun(stream, source, data, setup.ranks()));
    } else {
      restore(checkpoint);
      if (checkpoint.ranks() != setup.ranks().count()) {
        setup
            .listener()
            .message(
                "the run goes on with %d rank%s instead of %d: from step %d on sums over windows are rounded in another order, nothing else changes"
                    .formatted(
                        setup.ranks().count(),
                        setup.ranks().several() ? "s" : "",
                        checkpoint.ranks(),
                        progress.step() + 1));
      }
    }
    saved = progress.step();
    StepState state = checkpoint == null ? null : checkpoint.state();
    float[] best = checkpoint == null ? null : checkpoint.best();
    String score = "";
    while (true) {
      StagePlan stagePlan = plans.get(progress.stage());
      boolean completed;
      try (StageLoop loop = new StageLoop(this, stagePlan, progress, state, best)) {
        completed = run(loop);
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
      optimiser.setParameters(first.ofStage(plans.get(progress.stage() + 1).stage(), best));
      optimiser.reset();
      progress = Progress.ofStage(progress.stage() + 1, progress.step(), progress.seconds());
      state = null;
      best = null;
    }
  }

  private boolean run(StageLoop loop) throws IOException {
    try {
      return loop.run();
    } catch (CommunicationException e) {
      throw new TrainingException(
          e,
          "rank %d of %d cannot reach the others in step %d: %s. %s",
          setup.ranks().rank(),
          setup.ranks().count(),
          loop.progress().step() + 1,
          e.getMessage(),
          saved());
    }
  }

  private String saved() {
    return saved == 0
        ? "There is no checkpoint yet: start the run again"
        : "The last checkpoint is of step %d: go on from it by --resume".formatted(saved);
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
    return (int)
        Arrays.stream(records).map(r -> setup.shard().record(r).patient()).distinct().count();
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
  public void requireSame(Progress progress) {
    Checksum.rankThatDiffers(stream, setup.ranks(), weights, optimiser.validated())
        .ifPresent(
            rank -> {
              throw new TrainingException(
                  "ranks drifted apart: after step %d the parameters of rank %d are not those of"
                      + " rank 0, though all take the same updates. Look for a faulty device, or"
                      + " for processors of different kinds among the ranks. %s",
                  progress.step(), rank, saved());
            });
  }

  @Override
  public void checkpoint(Progress progress, StepState state, float[] best) throws IOException {
    byFirst(() -> write(progress, state, best));
    saved = progress.step();
  }

  private void write(Progress progress, StepState state, float[] best) throws IOException {
    new Checkpoint(
            progress,
            setup.config().hash(),
            setup.ranks().count(),
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
      byFirst(
          () -> {
            try (PhaseSpan _ = new PhaseSpan("write model", run.model())) {
              new ModelFile(metadata(), parameters).write(run.model());
            }
          });
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  /**
   * Lets the first rank write, and the others wait for it: one that ended meanwhile could take the
   * first one with it.
   */
  private void byFirst(Writing writing) throws IOException {
    setup
        .ranks()
        .<Void, IOException>together(
            stream,
            () -> {
              if (setup.ranks().first()) {
                writing.run();
              }
              return null;
            });
  }

  private ModelMetadata metadata() {
    ObjectMapper json = new ObjectMapper();
    ObjectNode provenance = json.createObjectNode();
    provenance.put("records", data.learningRecords().length);
    provenance.put("patients", patients(data.learningRecords()));
    provenance.put("windows", data.learning().size());
    provenance.put("seed", options().seed());
    provenance.put("fingerprint", setup.shard().fingerprint());
    provenance.set("data", json.valueToTree(setup.shard().provenance()));
    return new ModelMetadata(
        network,
        setup.shard().rate(),
        setup.shard().preset(),
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
    return setup.config().recipe();
  }

  @Override
  public TrainingOptions options() {
    return setup.config().options();
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
    return setup.listener();
  }

  @Override
  public TrainingRanks ranks() {
    return setup.ranks();
  }

  @Override
  public long steps() {
    StagePlan last = plans.getLast();
    return last.firstStep() + last.steps();
  }

  @Override
  public int metricsInterval() {
    return setup.metricsInterval();
  }

  @Override
  public boolean stopRequested() {
    return setup.stop().getAsBoolean();
  }

  @Override
  public void close() {
    resources.close();
  }
}
