// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.IntFunction;
import org.precordia.data.Shard;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.CommunicatorStatistics;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;
import org.precordia.train.Recipe;

/**
 * Times training steps on growing numbers of ranks of one job: the first 1, 2, 4, … of them, while
 * the others wait. Every rank runs it, with the same arguments. Numbers of ranks take turns, and so
 * do steps that sum gradients while backward goes on and steps that sum them after it. A turn's
 * time is that of the slowest rank.
 */
public final class RankScaling implements AutoCloseable {
  private static final int WARM_UP = 2;
  private static final int MOST_STEPS = 10_000;
  private static final double NANO_TO_MILLI = 1e-6;

  /** What stays the same while ranks become more. */
  public enum Kind {
    /** The step's windows: each rank has fewer. */
    STRONG,
    /** A rank's windows: the step has more. */
    WEAK;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Steps that are timed: a recipe's stage on data. */
  public record Work(Shard shard, Recipe recipe, int stage, long seed) {}

  private final Resources resources = new Resources();
  private final Kind kind;
  private final Communicator world;
  private final Stream stream;
  private final List<Point> points = new ArrayList<>();
  private final double sliceMs;

  /** Steps of a number of ranks, of which this one is one. */
  private final class Point {
    private final StepPoint sizes;
    private final int ranks;
    private final boolean overlap;
    private final Communicator group;
    private final TrainingRunner runner;
    private final PassTimer timer;
    private final Tensor own;
    private final Tensor all;
    private final Timing timing = new Timing();
    private long steps;
    private long bytes;
    private long waited;

    Point(Context context, Work work, StepPoint sizes, Communicator group, boolean overlap) {
      this.sizes = sizes;
      this.group = group;
      this.ranks = group.ranks();
      this.overlap = overlap;
      runner =
          resources.add(
              new TrainingRunner(
                  context,
                  work.shard(),
                  work.recipe(),
                  work.stage(),
                  sizes,
                  work.seed(),
                  group,
                  overlap));
      timer = resources.add(PassTimer.of(runner.stream()));
      own = resources.allocate(stream, DType.F64, 1);
      all = resources.allocate(stream, DType.F64, ranks);
    }

    void turn() {
      for (int i = 0; i < WARM_UP - 1; i++) {
        runner.launch();
      }
      double last = timer.milliseconds(runner::launch, 1);
      own.upload(stream, new double[] {Math.clamp(sliceMs / last, 1, MOST_STEPS)});
      group.broadcast(stream, own, 0);
      int count = (int) own.doubles(stream)[0];
      group.barrier(stream);
      CommunicatorStatistics before = group.statistics();
      double time = timer.milliseconds(runner::launch, count);
      CommunicatorStatistics after = group.statistics();
      steps += count;
      bytes += after.bytes() - before.bytes();
      waited += after.waitedNanos() - before.waitedNanos();
      own.upload(stream, new double[] {time});
      group.allGather(stream, own, all);
      timing.add(Arrays.stream(all.doubles(stream)).max().orElseThrow());
    }

    double perWindow() {
      return timing.medianMs() / runner.windows();
    }

    Measurement measurement(int threads, double alone) {
      SortedMap<String, String> shape = sizes.shape(threads);
      shape.put("ranks", String.valueOf(ranks));
      shape.put("scaling", kind.toString());
      String variant = BenchmarkCase.OURS + (overlap ? "" : ", no overlap");
      BenchmarkCase id =
          new BenchmarkCase(
              "train",
              "training step on ranks",
              variant,
              sizes.precision().name().toLowerCase(Locale.ROOT),
              "",
              shape);
      return Measurement.of(id)
          .times(timing)
          .value(1e3 / perWindow(), "windows/s")
          .number("efficiency", 100 * alone / (ranks * perWindow()))
          .number("communicated_bytes", (double) bytes / steps)
          .number("waited_ms", waited * NANO_TO_MILLI / steps)
          .build();
    }
  }

  /**
   * Prepares.
   *
   * @param world all ranks
   * @param groups the communicator of the first so many ranks; asked on those alone, in one order
   * @param counts how many ranks to time, ascending; the first is what efficiency is relative to
   * @param point sizes of a step, of a rank's part with {@link Kind#WEAK}
   * @param seconds time to spend on all of it
   */
  public RankScaling(
      Communicator world,
      IntFunction<Communicator> groups,
      Kind kind,
      List<Integer> counts,
      StepPoint point,
      Work work,
      double seconds) {
    this.world = world;
    this.kind = kind;
    boolean complete = false;
    try {
      stream = resources.add(world.context().stream());
      for (int ranks : counts) {
        if (world.rank() < ranks) {
          StepPoint sizes =
              kind == Kind.WEAK ? point.withBatch(Math.multiplyExact(ranks, point.batch())) : point;
          Communicator group = resources.add(groups.apply(ranks));
          points.add(new Point(world.context(), work, sizes, group, true));
          if (ranks > 1) {
            points.add(new Point(world.context(), work, sizes, group, false));
          }
        } else {
          points.add(null);
          if (ranks > 1) {
            points.add(null);
          }
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
    sliceMs = 1e3 * seconds / (KernelBenchmark.ROUNDS * points.size());
  }

  /** Measures; on ranks that are not in every group, what they took part in. */
  public List<Measurement> run(KernelBenchmark.Progress progress, int threads) {
    int done = 0;
    for (int round = 0; round < KernelBenchmark.ROUNDS; round++) {
      for (int i = 0; i < points.size(); i++) {
        Point point = points.get(round % 2 == 0 ? i : points.size() - 1 - i);
        if (point != null) {
          point.turn();
        }
        world.barrier(stream);
        progress.turn(++done, KernelBenchmark.ROUNDS * points.size());
      }
    }
    List<Measurement> lines = new ArrayList<>();
    for (Point point : points) {
      if (point != null && points.getFirst() != null) {
        Point first = points.getFirst();
        lines.add(point.measurement(threads, first.perWindow() * first.ranks));
      }
    }
    return lines;
  }

  @Override
  public void close() {
    resources.close();
  }
}
