// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.ClassifierOp;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.DType;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.ReconstructionLossOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Runs a network without augmentation over windows of a shard, batch after batch: validation,
 * evaluation and embedding. Several ranks share the batches, each taking every so-many-th, and all
 * hear of all of them, in order: what they hear is what one rank hears, bit for bit. Not
 * thread-safe.
 */
public final class WindowRunner implements AutoCloseable {
  /** Sums over time that {@link Batch#moments} gives for each window and target. */
  public static final int MOMENTS = 7;

  /** Instead of a rank: what this one has just run. */
  private static final int OWN = -1;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final WindowSource source;
  private final int batch;
  private final Communicator communicator; // null with one rank
  private final int ranks;
  private final int rank;

  /** Of each result of a batch, with several ranks, the ranks' one after the other. */
  private final Map<Tensor, Tensor> all = new LinkedHashMap<>();

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
    this(source, weights, batch, mode, null);
  }

  /**
   * Prepares a runner of one of several ranks, which all run the same windows.
   *
   * @param communicator the ranks; null: one
   */
  public WindowRunner(
      WindowSource source, Weights weights, int batch, Mode mode, Communicator communicator) {
    ranks = communicator == null ? 1 : communicator.ranks();
    rank = communicator == null ? 0 : communicator.rank();
    this.communicator = communicator;
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
      BatchPart part = new BatchPart(batch * ranks, batch * rank, batch * (rank + 1));
      feed = resources.add(source.feed(List.of(WindowReach.EXACT), part));
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
      if (ranks > 1) {
        Network.Embeddings embeddings = network.embeddings();
        java.util.stream.Stream.of(
                targets,
                moments,
                logits,
                network.output(),
                embeddings == null ? null : embeddings.h(),
                embeddings == null ? null : embeddings.z())
            .filter(Objects::nonNull)
            .forEach(this::share);
      }
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  private void share(Tensor result) {
    long[] shape = result.shape();
    shape[0] *= ranks;
    all.put(result, resources.allocate(stream, result.dtype(), shape));
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
    int round = batch * ranks;
    int rounds = (windows.size() + round - 1) / round;
    Tensor index = stream.allocate(DType.I32, (long) rounds * round, 2);
    try {
      int[] entries = DeviceRecords.index(windows, rounds * round);
      index.upload(stream, entries);
      gather.index(index);
      feed.begin(List.of(entries), 0, 0, 0, rounds);
      StepState position = StepState.initial(0);
      for (int begin = 0; begin < windows.size(); begin += round) {
        int first = begin + batch * rank;
        try (PhaseSpan _ = new PhaseSpan("batch", first)) {
          position.position(0, first).upload(stream, state);
          feed.attach(gather, feed.next(), 0, 0, batch);
          gather.run(stream);
          feed.launched();
          if (function == null) {
            network.forwardPathology();
            if (loss != null) {
              network.forwardReconstruction();
            }
          } else if (first < windows.size()) {
            Batch own = batch(windows, first, OWN);
            float[] output = function.reconstruct(own.inputs(), own.count());
            network.output().slice(0, own.count()).upload(stream, output);
          }
          if (loss != null) {
            loss.run(stream);
          }
          if (ranks == 1) {
            consumer.accept(batch(windows, first, OWN));
          } else {
            gatherRanks();
            for (int i = 0; i < ranks && begin + i * batch < windows.size(); i++) {
              consumer.accept(batch(windows, begin + i * batch, i));
            }
          }
        }
      }
    } finally {
      gather.index(null);
      index.buffer().close();
    }
  }

  private Batch batch(List<WindowRef> windows, int first, int of) {
    return new Batch(windows.subList(first, Math.min(first + batch, windows.size())), first, of);
  }

  private void gatherRanks() {
    if (classifier != null) {
      classifier.forward(stream);
    }
    all.forEach((own, gathered) -> communicator.allGather(stream, own, gathered));
  }

  /** One batch's results. */
  public final class Batch {
    private final List<WindowRef> windows;
    private final int first;

    /** The rank that ran it, or {@link #OWN}. */
    private final int of;

    private Batch(List<WindowRef> windows, int first, int of) {
      this.windows = windows;
      this.first = first;
      this.of = of;
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

    /** Standardised inputs, [count, L, n]; to a {@link WindowFunction} alone with several ranks. */
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
      if (of == OWN) {
        classifier.forward(stream);
      }
      return fetch(logits);
    }

    /** Σe², Σ|e|, Σy, Σy², Σp, Σp², Σyp over time, y the truth: [count, T, 7]. */
    public double[] moments() {
      return part(moments).doubles(stream);
    }

    private float[] fetch(Tensor tensor) {
      return part(tensor).floats(stream);
    }

    private Tensor part(Tensor tensor) {
      if (of == OWN) {
        return tensor.slice(0, count());
      }
      long begin = (long) of * batch;
      return all.get(tensor).slice(begin, begin + count());
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
