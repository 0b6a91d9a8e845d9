// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.LinkedHashMap;
import java.util.Map;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.train.Recipe;
import org.precordia.train.TrainingOptions;
import org.precordia.train.TrainingSteps;

/** Training steps of one stage of a recipe. */
final class TrainingRunner implements StepRunner {
  private static final int STEPS_PER_EPOCH = 64;
  private static final int EPOCHS = 1000;

  private final TrainingSteps steps;
  private final StepPoint point;

  TrainingRunner(
      Context context, Shard shard, Recipe recipe, int stage, StepPoint point, long seed) {
    this(context, shard, recipe, stage, point, seed, null, true);
  }

  /**
   * This rank's part of the steps.
   *
   * @param ranks those that share a step; null: one
   * @param overlap whether gradients are summed while backward goes on
   */
  TrainingRunner(
      Context context,
      Shard shard,
      Recipe recipe,
      int stage,
      StepPoint point,
      long seed,
      Communicator ranks,
      boolean overlap) {
    this.point = point;
    TrainingOptions options =
        TrainingOptions.builder()
            .width(point.width())
            .seed(seed)
            .precision(point.precision())
            .build();
    steps =
        new TrainingSteps(
            context,
            shard,
            sized(recipe, stage, point.batch()),
            stage,
            options,
            point.length(),
            DataPlacement.AUTO,
            ranks,
            overlap);
  }

  /** A recipe whose stage has another batch, and epochs enough for a benchmark. */
  private static Recipe sized(Recipe recipe, int stage, int batch) {
    String at = "stages." + stage + ".";
    Recipe sized =
        recipe.withEpochs(EPOCHS).with(at + "stepsPerEpoch", String.valueOf(STEPS_PER_EPOCH));
    if (!recipe.stages().get(stage).sampler().balanced()) {
      return sized.with(at + "sampler.windows", String.valueOf(batch));
    }
    int each = recipe.stages().get(stage).sampler().windowsPerCode();
    if (batch % each != 0) {
      throw new IllegalArgumentException(
          "stage %s draws %d windows of a label: --batch must be a multiple of it, was %d"
              .formatted(recipe.stages().get(stage).name(), each, batch));
    }
    return sized.with(at + "sampler.codes", String.valueOf(batch / each));
  }

  @Override
  public Stream stream() {
    return steps.stream();
  }

  @Override
  public void launch() {
    steps.launch();
  }

  @Override
  public int windows() {
    return steps.windows();
  }

  @Override
  public long ops() {
    return steps.ops();
  }

  @Override
  public Cost cost() {
    return new NetworkCost(steps.network(), steps.windows(), point.precision())
        .step(steps.stage().kind());
  }

  @Override
  public Map<String, Double> split(PassTimer timer) {
    Map<String, Double> times = new LinkedHashMap<>();
    for (TrainingSteps.Part part : steps.parts()) {
      times.merge(part.name(), timer.milliseconds(part.launch(), 1), Double::sum);
    }
    return times;
  }

  @Override
  public boolean roundTrip() {
    return false;
  }

  @Override
  public void close() {
    steps.close();
  }
}
