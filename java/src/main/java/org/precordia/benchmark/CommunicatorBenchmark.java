// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Times collectives by size. Every rank runs it, with the same arguments. Sizes and collectives
 * take turns, round after round; a turn is a number of calls in a row that rank 0 chooses, and its
 * time that of the slowest rank. Before anything is timed, results are checked.
 */
public final class CommunicatorBenchmark implements AutoCloseable {
  private static final int WARM_UP = 3;
  private static final int MOST_CALLS = 10_000;

  private final Resources resources = new Resources();
  private final Arena arena = resources.add(Arena.ofShared());
  private final Communicator ranks;
  private final Stream stream;
  private final List<Case> cases = new ArrayList<>();
  private final PassTimer timer;
  private final Tensor own;
  private final Tensor all;
  private final double sliceMs;

  /** A collective at a size. */
  private final class Case {
    private final Collective collective;
    private final long elements;
    private final Tensor whole;
    private final Tensor part;
    private final Timing timing = new Timing();

    Case(Collective collective, long bytes, Tensor memory) {
      this.collective = collective;
      long each = Math.max(1, bytes / DType.F32.bytes() / ranks.ranks());
      elements = each * ranks.ranks();
      whole = memory.slice(0, elements);
      part = memory.slice(elements, elements + each);
    }

    void call() {
      switch (collective) {
        case ALL_REDUCE -> ranks.allReduce(stream, whole);
        case ALL_GATHER -> ranks.allGather(stream, part, whole);
        case REDUCE_SCATTER -> ranks.reduceScatter(stream, whole, part);
        case BROADCAST -> ranks.broadcast(stream, whole, 0);
      }
    }

    /** Ranks hold 1, 2, 3, … everywhere. */
    void check() {
      fill(whole, ranks.rank() + 1);
      fill(part, ranks.rank() + 1);
      call();
      int count = ranks.ranks();
      float sum = count * (count + 1) / 2f;
      float[] found = (collective == Collective.REDUCE_SCATTER ? part : whole).floats(stream);
      for (int i = 0; i < found.length; i++) {
        float expected =
            switch (collective) {
              case ALL_REDUCE, REDUCE_SCATTER -> sum;
              case ALL_GATHER -> (float) (i / (elements / count) + 1);
              case BROADCAST -> 1;
            };
        if (found[i] != expected) {
          throw new IllegalStateException(
              "%s of %d bytes: element %d is %s on rank %d, expected %s; nothing was timed"
                  .formatted(collective, bytes(), i, found[i], ranks.rank(), expected));
        }
      }
      // Zeros stay what they are, however often they are summed.
      fill(whole, 0);
      fill(part, 0);
    }

    void turn() {
      for (int i = 0; i < WARM_UP - 1; i++) {
        call();
      }
      double last = timer.milliseconds(this::call, 1);
      int calls = (int) Math.clamp(sliceMs / Math.max(last, 1e-6), 1, MOST_CALLS);
      own.upload(stream, new double[] {calls});
      ranks.broadcast(stream, own, 0);
      calls = (int) own.doubles(stream)[0];
      ranks.barrier(stream);
      own.upload(stream, new double[] {timer.milliseconds(this::call, calls)});
      ranks.allGather(stream, own, all);
      timing.add(Arrays.stream(all.doubles(stream)).max().orElseThrow());
    }

    long bytes() {
      return elements * DType.F32.bytes();
    }

    Measurement measurement() {
      double gbps = bytes() / timing.medianMs() * 1e-6;
      String variant = ranks.kind().name().toLowerCase(Locale.ROOT);
      SortedMap<String, String> shape = new TreeMap<>();
      shape.put("ranks", String.valueOf(ranks.ranks()));
      shape.put("bytes", String.valueOf(bytes()));
      BenchmarkCase id =
          new BenchmarkCase("comm", collective.toString(), variant, "fp32", "", shape);
      return Measurement.of(id)
          .times(timing)
          .value(gbps * collective.busFactor(ranks.ranks()), Measurement.GBPS)
          .number("gbps", gbps)
          .number("bytes", bytes())
          .build();
    }
  }

  /**
   * Prepares.
   *
   * @param sizes bytes of the larger tensor of a call, each a case; rounded to equal parts of ranks
   * @param seconds time to spend on all of it
   */
  public CommunicatorBenchmark(
      Communicator ranks, Stream stream, List<Long> sizes, double seconds) {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("the time budget must be positive, was " + seconds);
    }
    this.ranks = ranks;
    this.stream = stream;
    boolean complete = false;
    try {
      timer = resources.add(PassTimer.of(stream));
      own = resources.allocate(stream, DType.F64, 1);
      all = resources.allocate(stream, DType.F64, ranks.ranks());
      long largest = sizes.stream().mapToLong(Long::longValue).max().orElseThrow();
      long most = Math.max(largest / DType.F32.bytes(), ranks.ranks());
      Tensor memory = resources.allocate(stream, DType.F32, most + most / ranks.ranks() + 1);
      for (Collective collective : Collective.values()) {
        for (long bytes : sizes) {
          cases.add(new Case(collective, bytes, memory));
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
    sliceMs = 1e3 * seconds / (KernelBenchmark.ROUNDS * cases.size());
  }

  /** Checks, then measures. */
  public List<Measurement> run(KernelBenchmark.Progress progress) {
    cases.forEach(Case::check);
    int done = 0;
    for (int round = 0; round < KernelBenchmark.ROUNDS; round++) {
      for (int i = 0; i < cases.size(); i++) {
        cases.get(round % 2 == 0 ? i : cases.size() - 1 - i).turn();
        progress.turn(++done, KernelBenchmark.ROUNDS * cases.size());
      }
    }
    return cases.stream().map(Case::measurement).toList();
  }

  private void fill(Tensor tensor, double value) {
    new FillOp(arena).value(value).tensor(tensor).run(stream);
  }

  @Override
  public void close() {
    resources.close();
  }
}
