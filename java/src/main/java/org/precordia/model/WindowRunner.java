// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.util.List;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.ClassifierOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.ReconstructionLossOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Runs a network without augmentation over windows of a shard, batch after batch: validation,
 * evaluation and embedding. Not thread-safe.
 */
public final class WindowRunner implements AutoCloseable {
  /** Sums over time that {@link Batch#moments} gives for each window and target. */
  public static final int MOMENTS = 7;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final WindowSource source;
  private final int batch;
  private final Network network;
  private final WindowFeed feed;
  private final GatherAugmentOp gather;
  private final Tensor state;
  private final Tensor targets;
  private final Tensor moments;
  private final Tensor logits;
  private final ReconstructionLossOp loss;
  private final ClassifierOp classifier;

  /** What a runner computes. */
  public enum Mode {
    /** The reconstruction, and the embedding where the network has one. */
    RECONSTRUCTION,
    /** The embedding alone. */
    EMBEDDING
  }

  /** Receives batches in order. */
  public interface Consumer {
    /** Takes one batch; its values can be read until the call returns. */
    void accept(Batch batch);
  }

  /**
   * Prepares a runner.
   *
   * @param source where windows come from; must outlive the runner
   * @param weights the parameters, packed; must outlive the runner
   * @param batch windows that run at once
   */
  public WindowRunner(WindowSource source, Weights weights, int batch, Mode mode) {
    this.source = source;
    this.stream = source.stream();
    this.batch = batch;
    NetworkConfig config = weights.config();
    boolean reconstruct = mode == Mode.RECONSTRUCTION;
    boolean complete = false;
    try {
      Arena arena = resources.add(Arena.ofShared());
      Scratch scratch = new Scratch();
      network =
          resources.add(
              new Network(
                  weights,
                  batch,
                  Network.Role.INFERENCE,
                  reconstruct ? Network.Role.INFERENCE : Network.Role.ABSENT,
                  null,
                  scratch));
      state = resources.allocate(stream, DType.U8, StepState.BYTES);
      feed = resources.add(source.feed(List.of(WindowReach.EXACT), BatchPart.whole(batch)));
      gather = source.gather(arena, state, null, network.inputs());
      int leads = config.targets().size();
      targets =
          reconstruct ? resources.allocate(stream, DType.F32, batch, config.window(), leads) : null;
      moments = reconstruct ? resources.allocate(stream, DType.F64, batch, leads, MOMENTS) : null;
      loss = reconstruct ? loss(arena, scratch) : null;
      int labels = config.classifier() ? config.labels().size() : 0;
      logits = labels > 0 ? resources.allocate(stream, DType.F32, batch, labels) : null;
      classifier = labels > 0 ? classifier(arena, weights, scratch) : null;
      scratch.allocate(stream, resources);
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  private ReconstructionLossOp loss(Arena arena, Scratch scratch) {
    source.targets(gather, targets);
    ReconstructionLossOp op =
        new ReconstructionLossOp(arena)
            .mseWeight(1)
            .l1Weight(0)
            .gradientScale(1)
            .prediction(network.output())
            .target(targets)
            .moments(moments);
    scratch.need(op.workspaceSize(stream.context()), op::workspace);
    return op;
  }

  private ClassifierOp classifier(Arena arena, Weights weights, Scratch scratch) {
    ClassifierOp op =
        new ClassifierOp(arena)
            .gradientScale(1)
            .h(network.embeddings().h())
            .parameters(weights.values(ParameterGroup.CLASSIFIER))
            .packed(weights.packed(ParameterGroup.CLASSIFIER))
            .logits(logits);
    scratch.need(op.workspaceSize(stream.context()), op::workspace);
    return op;
  }

  /** Runs the network over windows and hands each batch to a consumer. */
  public void run(List<WindowRef> windows, Consumer consumer) {
    run(windows, null, consumer);
  }

  /**
   * Runs over windows and hands each batch to a consumer.
   *
   * @param function makes the reconstruction instead of the network; null: the network does. Then
   *     there is no embedding
   */
  public void run(List<WindowRef> windows, WindowFunction function, Consumer consumer) {
    if (windows.isEmpty()) {
      return;
    }
    int batches = (windows.size() + batch - 1) / batch;
    Tensor index = stream.allocate(DType.I32, (long) batches * batch, 2);
    try {
      int[] entries = DeviceRecords.index(windows, batches * batch);
      index.upload(stream, entries);
      gather.index(index);
      feed.begin(List.of(entries), 0, 0, 0, batches);
      StepState position = StepState.initial(0);
      for (int first = 0; first < windows.size(); first += batch) {
        int count = Math.min(batch, windows.size() - first);
        try (PhaseSpan _ = new PhaseSpan("batch", first)) {
          position.position(0, first).upload(stream, state);
          feed.attach(gather, feed.next(), 0, 0, batch);
          gather.run(stream);
          feed.launched();
          Batch results = new Batch(windows.subList(first, first + count), first);
          if (function == null) {
            network.forwardPathology();
            if (loss != null) {
              network.forwardReconstruction();
            }
          } else {
            float[] output = function.reconstruct(results.inputs(), count);
            network.output().slice(0, count).upload(stream, output);
          }
          if (loss != null) {
            loss.run(stream);
          }
          consumer.accept(results);
        }
      }
    } finally {
      gather.index(null);
      index.buffer().close();
    }
  }

  /** One batch's results. */
  public final class Batch {
    private final List<WindowRef> windows;
    private final int first;

    private Batch(List<WindowRef> windows, int first) {
      this.windows = windows;
      this.first = first;
    }

    /** The windows of the batch. */
    public List<WindowRef> windows() {
      return windows;
    }

    /** Position of the batch's first window in the list that runs. */
    public int first() {
      return first;
    }

    /** Number of windows. */
    public int count() {
      return windows.size();
    }

    /** Standardised inputs, [count, L, n]. */
    public float[] inputs() {
      return fetch(network.inputs());
    }

    /** True target leads in mV, [count, L, T]. */
    public float[] targets() {
      return fetch(targets);
    }

    /** Reconstruction in mV, [count, L, T]. */
    public float[] output() {
      return fetch(network.output());
    }

    /** Embedding, [count, C]. */
    public float[] h() {
      return fetch(network.embeddings().h());
    }

    /** Contrastive embedding, [count, D]. */
    public float[] z() {
      return fetch(network.embeddings().z());
    }

    /** Classifier's logits, [count, K]. */
    public float[] logits() {
      classifier.forward(stream);
      return fetch(logits);
    }

    /** Σe², Σ|e|, Σy, Σy², Σp, Σp², Σyp over time, y the truth: [count, T, 7]. */
    public double[] moments() {
      return WindowRunner.this.moments.slice(0, count()).doubles(stream);
    }

    private float[] fetch(Tensor tensor) {
      return tensor.slice(0, count()).floats(stream);
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
