// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.precordia.model.Gradients;
import org.precordia.model.Network;
import org.precordia.model.Network.Role;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;
import org.precordia.model.Scratch;
import org.precordia.model.Weights;
import org.precordia.model.WindowFeed;
import org.precordia.model.WindowSource;
import org.precordia.runtime.AdamWOp;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.Graph;
import org.precordia.runtime.MetricsOp;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.ReconstructionLossOp;
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
 */
final class TrainingStep implements AutoCloseable {
  /** Rows of the ring of metrics. */
  static final int RING = 64;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final int chunks;
  private final boolean trainsPathology;
  private final boolean reconstructs;
  private final Tensor state;
  private final Tensor ring;
  private final StepBeginOp begin;
  private final Network network;
  private final WindowFeed feed;
  private final Batch batch;
  private final EmbeddingLosses embeddingLosses;
  private final FillOp clear;
  private final ReconstructionLossOp loss;
  private final ReconstructionLossOp wholeLoss;
  private final AdamWOp update;
  private final PackOp pack;
  private final MetricsOp metrics;
  private final Tensor lossValues;

  // Copies between a chunk's embeddings and those of the whole batch; empty with one chunk.
  private final List<List<CopyOp>> collect = new ArrayList<>();
  private final List<List<CopyOp>> distribute = new ArrayList<>();
  private final List<List<CopyOp>> keepOutput = new ArrayList<>();

  private final List<Graph> graphs = new ArrayList<>();

  /**
   * Prepares a step.
   *
   * @param steps steps of the stage, for the schedule
   * @param stepsPerEpoch steps of an epoch
   * @param chunks chunks that the batch is cut into
   */
  TrainingStep(
      Weights weights,
      Optimiser optimiser,
      WindowSource source,
      Recipe recipe,
      StageConfig stage,
      long steps,
      long stepsPerEpoch,
      int chunks) {
    this.stream = weights.stream();
    this.chunks = chunks;
    NetworkConfig config = weights.config();
    int windows = stage.sampler().batch();
    if (windows % chunks != 0) {
      throw new TrainingException(
          "stage %s has %d windows a step, which %d chunks do not divide",
          stage.name(), windows, chunks);
    }
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
              .batch(windows)
              .beta1(recipe.beta1())
              .beta2(recipe.beta2())
              .state(state);
      Gradients gradients = new Gradients(layout, optimiser.gradients(), chunks > 1);
      int rows = windows / chunks * stage.views().size();
      network =
          resources.add(
              new Network(
                  weights,
                  rows,
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
              reconstructs);
      clear = chunks > 1 ? optimiser.clear(arena, range) : null;
      embeddingLosses =
          trainsPathology ? embeddingLosses(arena, scratch, weights, stage, gradients, rows) : null;
      lossValues = reconstructs ? resources.allocate(stream, DType.F32, 3) : null;
      loss = reconstructs ? reconstructionLoss(arena, scratch, stage, batch.targets()) : null;
      wholeLoss = reconstructs && chunks > 1 ? wholeLoss(arena, scratch, stage) : null;
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
      wireMetrics();
      scratch.allocate(stream, resources);
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  private EmbeddingLosses embeddingLosses(
      Arena arena,
      Scratch scratch,
      Weights weights,
      StageConfig stage,
      Gradients gradients,
      int rows) {
    Network.Embeddings part = network.embeddings();
    Network.Embeddings whole = part;
    if (chunks > 1) {
      long entries = (long) rows * chunks;
      whole =
          new Network.Embeddings(
              wide(part.h(), entries),
              wide(part.z(), entries),
              wide(part.hGrad(), entries),
              wide(part.zGrad(), entries));
    }
    EmbeddingLosses losses =
        new EmbeddingLosses(
            arena, resources, scratch, weights, stage.loss(), whole, batch, gradients, state);
    boolean hasGradientOfH = losses.writesH() || reconstructs;
    network.embeddingGradients(hasGradientOfH, losses.writesZ());
    if (reconstructs) {
      network.addGradientOfH(losses.writesH());
    }
    if (chunks > 1) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        long from = (long) chunk * rows;
        long to = from + rows;
        collect.add(
            List.of(
                copy(arena, part.h(), whole.h().slice(from, to)),
                copy(arena, part.z(), whole.z().slice(from, to))));
        List<CopyOp> back = new ArrayList<>();
        if (losses.writesH()) {
          back.add(copy(arena, whole.hGrad().slice(from, to), part.hGrad()));
        }
        if (losses.writesZ()) {
          back.add(copy(arena, whole.zGrad().slice(from, to), part.zGrad()));
        }
        distribute.add(back);
      }
    }
    return losses;
  }

  private Tensor wide(Tensor part, long entries) {
    return resources.allocate(stream, DType.F32, entries, part.extent(1));
  }

  private static CopyOp copy(Arena arena, Tensor source, Tensor target) {
    return new CopyOp(arena).source(source).target(target);
  }

  private ReconstructionLossOp reconstructionLoss(
      Arena arena, Scratch scratch, StageConfig stage, Tensor targets) {
    ReconstructionLossOp op =
        lossOp(arena, stage)
            .gradientScale(1f / chunks)
            .prediction(network.output())
            .target(targets)
            .predictionGrad(network.outputGrad());
    if (chunks == 1) {
      op.loss(lossValues);
    }
    scratch.need(op.workspaceSize(stream.context()), op::workspace);
    return op;
  }

  /** The loss of the whole batch, for the metrics: chunks' outputs and targets are kept for it. */
  private ReconstructionLossOp wholeLoss(Arena arena, Scratch scratch, StageConfig stage) {
    Tensor part = network.output();
    long rows = part.extent(0);
    Tensor outputs =
        resources.allocate(stream, DType.F32, rows * chunks, part.extent(1), part.extent(2));
    Tensor targets =
        resources.allocate(stream, DType.F32, rows * chunks, part.extent(1), part.extent(2));
    for (int chunk = 0; chunk < chunks; chunk++) {
      long from = chunk * rows;
      keepOutput.add(
          List.of(
              copy(arena, part, outputs.slice(from, from + rows)),
              copy(arena, batch.targets(), targets.slice(from, from + rows))));
    }
    ReconstructionLossOp op = lossOp(arena, stage).gradientScale(1).prediction(outputs);
    op.target(targets).loss(lossValues);
    scratch.need(op.workspaceSize(stream.context()), op::workspace);
    return op;
  }

  private ReconstructionLossOp lossOp(Arena arena, StageConfig stage) {
    return new ReconstructionLossOp(arena)
        .mseWeight((float) stage.loss().mse())
        .l1Weight((float) stage.loss().l1())
        .state(state);
  }

  private void wireMetrics() {
    metrics.reconstruction(lossValues);
    if (embeddingLosses != null) {
      metrics.contrastive(embeddingLosses.contrastLoss());
      metrics.classifier(embeddingLosses.classifierLoss());
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
      parts.add(part("classifier", () -> embeddingLosses.classify(stream)));
    }
    if (reconstructs) {
      parts.add(part("waveform encoder and decoder", network::forwardReconstruction));
      parts.add(part("reconstruction loss", () -> loss.run(stream)));
      parts.add(part("waveform encoder and decoder", network::backwardReconstruction));
    }
    if (embeddingLosses != null) {
      parts.add(part("pathology encoder", network::backwardPathology));
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

  private void launchChunks() {
    clear.run(stream);
    if (embeddingLosses != null) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        batch.gather(stream, chunk);
        network.forwardPathology();
        run(collect, chunk);
      }
      embeddingLosses.run(stream);
    }
    for (int chunk = 0; chunk < chunks; chunk++) {
      batch.gather(stream, chunk);
      network.forwardPathology();
      run(distribute, chunk);
      reconstruct(chunk);
      if (embeddingLosses != null) {
        network.backwardPathology();
      }
    }
    if (wholeLoss != null) {
      wholeLoss.run(stream);
    }
  }

  private void reconstruct(int chunk) {
    if (reconstructs) {
      network.forwardReconstruction();
      loss.run(stream);
      run(keepOutput, chunk);
      network.backwardReconstruction();
    }
  }

  private void run(List<List<CopyOp>> copies, int chunk) {
    if (!copies.isEmpty()) {
      copies.get(chunk).forEach(copy -> copy.run(stream));
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
