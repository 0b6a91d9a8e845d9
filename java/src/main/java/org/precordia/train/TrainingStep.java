// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.precordia.model.BatchPart;
import org.precordia.model.Gradients;
import org.precordia.model.Network;
import org.precordia.model.Network.Role;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;
import org.precordia.model.Scratch;
import org.precordia.model.Weights;
import org.precordia.model.WindowFeed;
import org.precordia.model.WindowSource;
import org.precordia.runtime.AdamWOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.Graph;
import org.precordia.runtime.MetricsOp;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.Reduction;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepBeginOp;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * One step of a stage, recorded as one graph for the whole run: begin, gather, forward, losses,
 * backward, update, pack, metrics. All that changes from step to step lies in the step state on the
 * device. Where windows are streamed there is one graph for each slot of the feed, so that nothing
 * is copied on the device and no launch waits for the host to change a node.
 *
 * <p>With several chunks, only one chunk's activations exist at a time, yet the losses on
 * embeddings see the whole batch (gradient caching, Gao et al. 2021): every chunk is encoded, the
 * losses and their gradients with respect to all embeddings are computed, then every chunk is
 * encoded again and its part of that gradient goes backward. Windows are the same both times,
 * because their random numbers depend on their place alone.
 *
 * <p>With several ranks, each has its part of the batch, cut into chunks or not, and the step state
 * is that of one rank. Gradients are summed over ranks while backward goes on, and are the whole
 * batch's before they are clipped.
 */
final class TrainingStep implements AutoCloseable {
  /** Rows of the ring of metrics. */
  static final int RING = 64;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final int chunks;
  private final TrainingRanks ranks;
  private final boolean trainsPathology;
  private final boolean reconstructs;
  private final Tensor state;
  private final Tensor ring;
  private final StepBeginOp begin;
  private final Network network;
  private final WindowFeed feed;
  private final Batch batch;
  private final StepLosses losses;
  private final ChunkedEmbeddings embeddings;
  private final EmbeddingLosses embeddingLosses;
  private final ReconstructionLosses reconstruction;
  private final GradientBuckets buckets; // null with one rank
  private final FillOp clear;
  private final AdamWOp update;
  private final PackOp pack;
  private final MetricsOp metrics;
  private final List<Graph> graphs = new ArrayList<>();

  /**
   * Prepares a step.
   *
   * @param steps steps of the stage, for the schedule
   * @param stepsPerEpoch steps of an epoch
   * @param chunks chunks that a rank's part of the batch is cut into
   * @param ranks who shares the batch
   */
  TrainingStep(
      Weights weights,
      Optimiser optimiser,
      WindowSource source,
      Recipe recipe,
      StageConfig stage,
      long steps,
      long stepsPerEpoch,
      int chunks,
      TrainingRanks ranks) {
    this.stream = weights.stream();
    this.chunks = chunks;
    this.ranks = ranks;
    NetworkConfig config = weights.config();
    BatchPart windows = ranks.part(stage, chunks);
    trainsPathology = config.pathology() && stage.kind() != StageConfig.Kind.RECONSTRUCTION;
    reconstructs = stage.kind().reconstructs();
    ParameterLayout layout = weights.layout();
    Range range = Optimiser.range(layout, stage.kind());
    boolean complete = false;
    try {
      Arena arena = resources.add(Arena.ofShared());
      Scratch scratch = new Scratch();
      state = resources.allocate(stream, DType.U8, StepState.BYTES);
      ring = resources.allocate(stream, DType.U8, RING, MetricsRow.BYTES);
      begin =
          new StepBeginOp(arena)
              .schedule(stage.rate().schedule())
              .peak((float) stage.rate().peak())
              .finalRate((float) stage.rate().last())
              .warmup(stage.rate().warmupSteps(steps, stepsPerEpoch))
              .total(steps)
              .batch(windows.windows())
              .beta1(recipe.beta1())
              .beta2(recipe.beta2())
              .state(state);
      buckets = ranks.several() ? buckets(layout, range, optimiser.gradients()) : null;
      Gradients gradients =
          new Gradients(layout, optimiser.gradients(), chunks > 1, this::gradientWritten);
      network =
          resources.add(
              new Network(
                  weights,
                  windows.count() / chunks * stage.views().size(),
                  trainsPathology ? Role.TRAINING : Role.INFERENCE,
                  reconstructs ? Role.TRAINING : Role.ABSENT,
                  gradients,
                  scratch));
      feed =
          resources.add(
              source.feed(
                  stage.views().stream().map(view -> view.reach(config.window())).toList(),
                  windows));
      batch =
          new Batch(
              arena,
              resources,
              source,
              network,
              stage.views(),
              state,
              chunks,
              windows,
              reconstructs,
              ranks);
      losses = new StepLosses(arena, resources, stream, ranks);
      clear = chunks > 1 ? optimiser.clear(arena, range) : null;
      embeddings =
          trainsPathology
              ? new ChunkedEmbeddings(arena, resources, stream, network.embeddings(), chunks)
              : null;
      embeddingLosses =
          trainsPathology ? embeddingLosses(arena, scratch, weights, stage, gradients) : null;
      reconstruction =
          reconstructs
              ? new ReconstructionLosses(
                  arena,
                  resources,
                  scratch,
                  stream,
                  stage.loss(),
                  network,
                  batch.targets(),
                  state,
                  chunks,
                  ranks.count(),
                  losses.reconstruction())
              : null;
      update = optimiser.update(arena, resources, stage, range, state);
      scratch.need(update.workspaceSize(stream.context()), update::workspace);
      pack =
          weights.packOp(
              arena,
              layout.groups().stream()
                  .filter(group -> layout.range(group).begin() >= range.begin())
                  .filter(group -> layout.range(group).end() <= range.end())
                  .toList());
      metrics = new MetricsOp(arena).state(state).ring(ring);
      losses.wire(metrics, reconstructs, embeddingLosses);
      scratch.allocate(stream, resources);
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  private EmbeddingLosses embeddingLosses(
      Arena arena, Scratch scratch, Weights weights, StageConfig stage, Gradients gradients) {
    EmbeddingLosses result =
        new EmbeddingLosses(
            arena,
            resources,
            scratch,
            weights,
            stage.loss(),
            embeddings.whole(),
            batch,
            gradients,
            state,
            losses,
            ranks);
    boolean hasGradientOfH = result.writesH() || reconstructs;
    network.embeddingGradients(hasGradientOfH, result.writesZ());
    if (reconstructs) {
      network.addGradientOfH(result.writesH());
    }
    embeddings.returns(result.writesH(), result.writesZ());
    return result;
  }

  private GradientBuckets buckets(ParameterLayout layout, Range range, Tensor gradients) {
    Consumer<Range> sum =
        part ->
            ranks
                .communicator()
                .beginAllReduce(stream, gradients.slice(part.begin(), part.end()), Reduction.SUM);
    return new GradientBuckets(layout, range, ranks.bucketBytes() / Float.BYTES, sum);
  }

  private void gradientWritten(ParameterGroup group) {
    if (buckets != null) {
      buckets.written(group);
    }
  }

  /** The step state on the device. */
  Tensor state() {
    return state;
  }

  /** Rows of metrics, U8 [{@value #RING}, 64]. */
  Tensor ring() {
    return ring;
  }

  /** F32 [1], after a step: how many ranks wish to stop; for several ranks. */
  Tensor stops() {
    return losses.stops();
  }

  /** Lets the other ranks know, from the next step on, that this one wishes to stop. */
  void wishToStop() {
    losses.wishToStop();
  }

  /**
   * Sets the epoch's index and records the step.
   *
   * @param index I32 [E, 2] for each view; its content may change from epoch to epoch, its memory
   *     must not
   */
  void record(List<Tensor> index) {
    closeGraphs();
    batch.index(index);
    for (int slot = 0; slot < feed.slots(); slot++) {
      batch.attach(feed, slot);
      graphs.add(Graph.capture(stream, this::launchOps));
    }
  }

  /**
   * Begins with the steps of an epoch.
   *
   * @param views the epoch's index, as uploaded
   * @param position seed and epoch of the step state, as uploaded
   * @param first steps of the epoch that were done before
   * @param end steps of the epoch
   */
  void beginEpoch(int[][] views, StepState position, int first, int end) {
    feed.begin(List.of(views), position.seed(), position.epoch(), first, end);
  }

  /** Runs the step. */
  void launch() {
    graphs.get(feed.next()).launch(stream);
    feed.launched();
  }

  private void launchOps() {
    if (chunks == 1) {
      parts().forEach(part -> part.launch().run());
      return;
    }
    begin.run(stream);
    launchChunks();
    joinRanks();
    update.run(stream);
    pack.run(stream);
    metrics.run(stream);
  }

  /**
   * The step in one chunk, cut where something else begins, in order.
   *
   * @throws IllegalStateException with several chunks, whose parts alternate
   */
  List<TrainingSteps.Part> parts() {
    if (chunks > 1) {
      throw new IllegalStateException("a step of several chunks is not cut into parts");
    }
    List<TrainingSteps.Part> parts = new ArrayList<>();
    parts.add(part("bookkeeping", () -> begin.run(stream)));
    parts.add(part("gather", () -> batch.gather(stream, 0)));
    if (network.embeddings() != null) {
      parts.add(part("pathology encoder", network::forwardPathology));
    }
    if (embeddingLosses != null) {
      parts.add(part("contrast", () -> embeddingLosses.contrast(stream)));
      parts.add(part("classifier", this::classify));
    }
    if (reconstructs) {
      parts.add(part("waveform encoder and decoder", network::forwardReconstruction));
      parts.add(part("reconstruction loss", () -> reconstruction.run(stream, 0)));
    }
    if (ranks.several()) {
      parts.add(part("ranks", losses::share));
    }
    if (reconstructs) {
      parts.add(part("waveform encoder and decoder", network::backwardReconstruction));
    }
    if (embeddingLosses != null) {
      parts.add(part("pathology encoder", network::backwardPathology));
    }
    if (ranks.several()) {
      parts.add(part("ranks", this::joinRanks));
    }
    parts.add(part("optimiser", () -> update.run(stream)));
    parts.add(part("optimiser", () -> pack.run(stream)));
    parts.add(part("bookkeeping", () -> metrics.run(stream)));
    return parts;
  }

  private static TrainingSteps.Part part(String name, Runnable launch) {
    return new TrainingSteps.Part(name, launch);
  }

  /** Ops that a step consists of. */
  long ops() {
    return graphs.getFirst().size();
  }

  private void classify() {
    embeddingLosses.classify(stream);
    if (embeddingLosses.writesH()) {
      gradientWritten(ParameterGroup.CLASSIFIER);
    }
  }

  private void launchChunks() {
    clear.run(stream);
    if (embeddingLosses != null) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        batch.gather(stream, chunk);
        network.forwardPathology();
        embeddings.collect(stream, chunk);
      }
      embeddingLosses.contrast(stream);
      classify();
    }
    for (int chunk = 0; chunk < chunks; chunk++) {
      hold(chunk < chunks - 1);
      batch.gather(stream, chunk);
      network.forwardPathology();
      if (embeddings != null) {
        embeddings.distribute(stream, chunk);
      }
      if (reconstructs) {
        network.forwardReconstruction();
        reconstruction.run(stream, chunk);
        network.backwardReconstruction();
      }
      if (embeddingLosses != null) {
        network.backwardPathology();
      }
    }
    if (reconstructs) {
      reconstruction.finish(stream);
    }
    if (ranks.several()) {
      losses.share();
    }
  }

  private void hold(boolean on) {
    if (buckets != null) {
      buckets.hold(on);
    }
  }

  /** Waits until gradients and losses are those of all ranks. */
  private void joinRanks() {
    if (ranks.several()) {
      buckets.finish();
      ranks.communicator().join(stream);
    }
  }

  private void closeGraphs() {
    graphs.forEach(Graph::close);
    graphs.clear();
  }

  @Override
  public void close() {
    closeGraphs();
    resources.close();
  }
}
