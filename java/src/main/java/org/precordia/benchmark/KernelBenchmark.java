// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.precordia.model.Precision;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.Resources;

/**
 * Times every op of the library at a grid of shapes.
 *
 * <p>Cases take turns, round after round in an order that is drawn anew, so that whatever drifts
 * meets all of them; a ceiling is a case like any other. How a case is measured:
 * docs/benchmarks.md.
 */
public final class KernelBenchmark {
  /** Rounds unless another number is asked for; below six, medians have no interval. */
  public static final int ROUNDS = 7;

  /** Share of the budget that goes to a slice; the rest is preparing and warming up. */
  private static final double PARTS_OF_A_TURN = 4;

  private static final double LEAST_SLICE_MS = 1;
  private static final double MOST_SLICE_MS = 500;

  private final Context context;
  private final Settings settings;
  private final int threads;

  /**
   * What is measured, and for how long.
   *
   * @param precisions storage of activations
   * @param filter must be found in a case's name
   * @param grid shapes
   * @param rounds in which all cases take a turn, unless the time is over before
   * @param seconds time that may be spent; every case is measured once in any case
   * @param seed key of all random numbers
   */
  public record Settings(
      List<Precision> precisions,
      Pattern filter,
      ShapeGrid grid,
      int rounds,
      double seconds,
      long seed) {
    public Settings {
      precisions = List.copyOf(precisions);
      if (rounds < 1) {
        throw new IllegalArgumentException("there must be at least one round, not " + rounds);
      }
      if (!(seconds > 0)) {
        throw new IllegalArgumentException("the time budget must be positive, was " + seconds);
      }
    }
  }

  /** Hears how far it is. */
  @FunctionalInterface
  public interface Progress {
    /** A turn is done. */
    void turn(int done, int most);
  }

  /**
   * Prepares.
   *
   * @param threads CPU threads of the context, for the results; 0 on a GPU
   */
  public KernelBenchmark(Context context, Settings settings, int threads) {
    this.context = context;
    this.settings = settings;
    this.threads = context.backend() == Backend.CPU ? threads : 0;
  }

  /**
   * Measures.
   *
   * @throws IllegalArgumentException when the filter leaves no case
   */
  public List<Measurement> run(Progress progress) {
    List<KernelCase> cases = cases();
    try (Resources resources = new Resources()) {
      org.precordia.runtime.Stream stream = resources.add(context.stream());
      PassTimer timer = resources.add(PassTimer.of(stream));
      Workbench.RandomBlock random =
          resources.add(new Workbench.RandomBlock(stream, settings.seed()));
      CacheFlush flush = resources.add(new CacheFlush(stream));
      Ceilings ceilings = resources.add(new Ceilings(stream, KernelCase.STAGE, threads));
      int rounds = settings.rounds();
      Random order = new Random(settings.seed());
      double slice =
          Math.clamp(
              1e3 * settings.seconds() / (rounds * cases.size() * PARTS_OF_A_TURN),
              LEAST_SLICE_MS,
              MOST_SLICE_MS);
      long begin = System.nanoTime();
      int done = 0;
      for (int round = 0; round < rounds && (round == 0 || timeLeft(begin)); round++) {
        ceilings.round();
        List<KernelCase> turns = new ArrayList<>(cases);
        Collections.shuffle(turns, order);
        for (KernelCase each : turns) {
          if (each.runs() && (round == 0 || timeLeft(begin))) {
            each.turn(stream, random, timer, flush, slice);
          }
          progress.turn(++done, rounds * cases.size());
        }
      }
      List<Measurement> lines = new ArrayList<>(ceilings.measurements());
      cases.forEach(each -> lines.addAll(each.measurements(ceilings)));
      return lines;
    }
  }

  private boolean timeLeft(long begin) {
    return (System.nanoTime() - begin) * 1e-9 < settings.seconds();
  }

  private List<KernelCase> cases() {
    Map<BenchmarkCase, KernelCase> cases = new LinkedHashMap<>();
    Stream.of(NetworkKernels.all(), LossKernels.all(), DataKernels.all())
        .flatMap(List::stream)
        .forEach(kernel -> add(cases, kernel));
    if (cases.isEmpty()) {
      throw new IllegalArgumentException(
          "no op's name, precision and shape match '%s'".formatted(settings.filter()));
    }
    return List.copyOf(cases.values());
  }

  private void add(Map<BenchmarkCase, KernelCase> cases, Kernel kernel) {
    for (Shape shape : settings.grid().shapes()) {
      for (Precision precision : settings.precisions()) {
        KernelCase candidate = new KernelCase(kernel, shape, precision, threads);
        BenchmarkCase id = candidate.id(KernelCase.Cache.WARM);
        if (settings.filter().matcher(id.toString()).find()) {
          cases.putIfAbsent(id, candidate);
        }
      }
    }
  }
}
