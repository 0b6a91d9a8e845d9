// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.precordia.TestBackend;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.Initialisation;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Weights;
import org.precordia.model.WindowSource;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** One stage's step, to be launched by hand. */
final class StepFixture implements AutoCloseable {
  final Weights weights;
  final Optimiser optimiser;
  final Stream stream;

  private final Resources resources = new Resources();
  private final StageConfig stage;
  private final long seed;
  private final TrainingStep step;

  /** Prepares the first stage of a recipe on the backend that tests are run on. */
  StepFixture(Shard shard, Recipe recipe, TrainingOptions options, int chunks, long steps) {
    this(TestBackend.select(), shard, recipe, options, chunks, steps);
  }

  /** Prepares the first stage of a recipe. */
  StepFixture(
      Backend.Selection device,
      Shard shard,
      Recipe recipe,
      TrainingOptions options,
      int chunks,
      long steps) {
    this.stage = recipe.stages().getFirst();
    this.seed = options.seed();
    TrainingData data = new TrainingData(shard, recipe, options);
    NetworkConfig config = options.network(data.labels().vocabulary(), recipe.anchor());
    Context context = resources.add(Context.open(device));
    stream = resources.add(context.stream());
    DeviceRecords records =
        resources.add(
            new DeviceRecords(stream, shard, data.labels().masks(), DataPlacement.DEVICE));
    WindowSource source =
        resources.add(new WindowSource(stream, config, data.standardisation(), records));
    weights = resources.add(new Weights(stream, config, options.precision().storage()));
    optimiser = resources.add(new Optimiser(weights, recipe));
    optimiser.setParameters(Initialisation.draw(weights.layout(), seed));
    step =
        resources.add(
            new TrainingStep(
                weights,
                optimiser,
                source,
                recipe,
                stage,
                steps,
                steps,
                chunks,
                TrainingRanks.single()));
    Sampler.Index drawn =
        Sampler.of(stage, data, ReadingOrder.RECORDS).draw(Sampler.stream(seed, 0, 0), (int) steps);
    List<Tensor> index = new ArrayList<>();
    for (int[] view : drawn.views()) {
      Tensor tensor = resources.allocate(stream, DType.I32, drawn.entries(), 2);
      tensor.upload(stream, view);
      index.add(tensor);
    }
    step.record(index);
  }

  /** Puts the step state before the first step, so that the next launch sees the first batch. */
  void rewind() {
    StepState.initial(seed)
        .weights(1, (float) stage.loss().contrastive(), (float) stage.loss().classifier())
        .beginEpoch(0, stage.sampler().batch())
        .upload(stream, step.state());
  }

  void launch() {
    step.launch();
  }

  /** The metrics of the first step after {@link #rewind}. */
  MetricsRow firstRow() {
    return row(1);
  }

  /** The metrics of one of the last steps after {@link #rewind}, from 1. */
  MetricsRow row(int number) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ring = arena.allocate(step.ring().bytes(), Long.BYTES);
      step.ring().download(stream, ring);
      return MetricsRow.read(ring, (number - 1) % TrainingStep.RING);
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
