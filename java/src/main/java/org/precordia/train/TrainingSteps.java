// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.List;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.Initialisation;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Weights;
import org.precordia.model.WindowSource;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The steps of one stage of a recipe as {@link Trainer} runs them, without validation, checkpoints
 * and files: for measuring them. The anchor is left at zero, which changes no step's time.
 */
public final class TrainingSteps implements AutoCloseable {
  private final Resources resources = new Resources();
  private final Stream stream;
  private final NetworkConfig network;
  private final StagePlan plan;
  private final Sampler sampler;
  private final TrainingStep step;
  private final List<Tensor> index = new ArrayList<>();
  private final StepState state;
  private final long seed;
  private int epoch = -1;
  private int stepInEpoch;

  /**
   * A part of a step.
   *
   * @param name what it does; forward and backward of a branch have the same name
   * @param launch launches its ops, not recorded
   */
  public record Part(String name, Runnable launch) {}

  /**
   * Prepares a stage.
   *
   * @param stage number of the recipe's stage, from 0
   * @param window samples of a window
   * @throws TrainingException when the data do not fit the recipe
   */
  public TrainingSteps(
      Context context,
      Shard shard,
      Recipe recipe,
      int stage,
      TrainingOptions options,
      int window,
      DataPlacement placement) {
    this(context, shard, recipe, stage, options, window, placement, null, true);
  }

  /**
   * Prepares this rank's part of a stage's steps.
   *
   * @param communicator the ranks that share every step; null: one rank
   * @param overlap whether gradients are summed while backward goes on, or all after it
   * @throws TrainingException when the data do not fit the recipe, or the ranks not the batch
   */
  public TrainingSteps(
      Context context,
      Shard shard,
      Recipe recipe,
      int stage,
      TrainingOptions options,
      int window,
      DataPlacement placement,
      Communicator communicator,
      boolean overlap) {
    TrainingRanks ranks =
        TrainingRanks.of(communicator, overlap ? TrainingRanks.BUCKET_BYTES : Long.MAX_VALUE);
    TrainingData data = new TrainingData(shard, recipe, options);
    network = options.network(data.labels().vocabulary(), recipe.anchor()).withWindow(window);
    plan = StagePlan.of(recipe, options, data.learning().size()).get(stage);
    sampler = Sampler.of(plan.stage(), data, ReadingOrder.RECORDS);
    seed = options.seed();
    boolean complete = false;
    try {
      stream = resources.add(context.stream());
      DeviceRecords records =
          resources.add(new DeviceRecords(stream, shard, data.labels().masks(), placement));
      WindowSource source =
          resources.add(new WindowSource(stream, network, data.standardisation(), records));
      Weights weights = resources.add(new Weights(stream, network, options.precision().storage()));
      Optimiser optimiser = resources.add(new Optimiser(weights, recipe));
      optimiser.setParameters(Initialisation.draw(weights.layout(), seed));
      StageConfig.Loss loss = plan.stage().loss();
      state =
          StepState.initial(seed).weights(1, (float) loss.contrastive(), (float) loss.classifier());
      step =
          resources.add(
              new TrainingStep(
                  weights,
                  optimiser,
                  source,
                  recipe,
                  plan.stage(),
                  plan.steps(),
                  plan.stepsPerEpoch(),
                  options.accumulate(),
                  ranks));
      long entries = (long) plan.stepsPerEpoch() * plan.stage().sampler().batch();
      for (int view = 0; view < plan.stage().views().size(); view++) {
        index.add(resources.allocate(stream, DType.I32, entries, 2));
      }
      step.record(index);
      beginEpoch();
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /** Where the steps run. */
  public Stream stream() {
    return stream;
  }

  /** What is trained. */
  public NetworkConfig network() {
    return network;
  }

  /** How it is trained. */
  public StageConfig stage() {
    return plan.stage();
  }

  /** Windows of a step, of all views and ranks. */
  public int windows() {
    return plan.stage().sampler().batch() * plan.stage().views().size();
  }

  /** Ops of a step. */
  public long ops() {
    return step.ops();
  }

  /** Launches the next step as one graph; at an epoch's end the next one's windows are drawn. */
  public void launch() {
    if (stepInEpoch == plan.stepsPerEpoch()) {
      beginEpoch();
    }
    step.launch();
    stepInEpoch++;
  }

  /**
   * The parts of a step, to be launched one by one, all of them in order and between two steps.
   *
   * @throws IllegalStateException with several chunks
   */
  public List<Part> parts() {
    return step.parts();
  }

  private void beginEpoch() {
    epoch++;
    stepInEpoch = 0;
    Sampler.Index drawn =
        sampler.draw(Sampler.stream(seed, plan.index(), epoch), plan.stepsPerEpoch());
    for (int view = 0; view < index.size(); view++) {
      index.get(view).upload(stream, drawn.views()[view]);
    }
    StepState now = epoch == 0 ? state : StepState.download(stream, step.state());
    now.beginEpoch(epoch, plan.stage().sampler().batch()).upload(stream, step.state());
    step.beginEpoch(drawn.views(), now, 0, plan.stepsPerEpoch());
  }

  @Override
  public void close() {
    resources.close();
  }
}
