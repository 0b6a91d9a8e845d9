// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.OutOfDeviceMemoryException;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.UnsupportedException;
import org.precordia.train.Recipe;

/**
 * Times whole passes, training steps or inference, at one point or a series of them. Points take
 * turns with each other and with the ceilings, round after round.
 */
public final class StepBenchmark {
  private static final double WARM_UP_SHARE = 0.3;
  private static final double SPLIT_SHARE = 0.25;
  private static final double LATENCY_SHARE = 0.25;

  private final Device device;
  private final Task task;
  private final List<Point> points;
  private final double sliceMs;

  /**
   * Where passes run.
   *
   * @param selection the device
   * @param options of every context; their threads are replaced by a point's
   */
  public record Device(Backend.Selection selection, ContextOptions options) {
    /** CPU threads that a point uses; 0 on a GPU. */
    int threads(StepPoint point) {
      if (selection.backend() != Backend.CPU) {
        return 0;
      }
      return point.threads() > 0 ? point.threads() : selection.device().computeUnits();
    }

    Context open(StepPoint point) {
      return Context.open(selection, options.withThreads(point.threads()));
    }
  }

  /** What a pass is. */
  public static final class Task {
    private final String stage;
    private final String subject;
    private final Map<String, String> settings;
    private final RunnerFactory runner;

    private Task(String stage, String subject, Map<String, String> settings, RunnerFactory runner) {
      this.stage = stage;
      this.subject = subject;
      this.settings = settings;
      this.runner = runner;
    }
  }

  /** Prepares passes at a point. */
  @FunctionalInterface
  private interface RunnerFactory {
    StepRunner at(Context context, StepPoint point);
  }

  /** One point and what was measured at it. */
  private final class Point {
    private final StepPoint sizes;
    private final Timing passes = new Timing();
    private final Timing roundTrips = new Timing();
    private final PartTimes parts = new PartTimes();
    private int windows;
    private long ops;
    private long peak;
    private Cost cost;
    private double joules = Double.NaN;
    private double joulesMs;
    private String status = "";
    private String reason = "";

    Point(StepPoint sizes) {
      this.sizes = sizes;
    }

    void turn() {
      try (Context context = device.open(sizes)) {
        try (StepRunner runner = task.runner.at(context, sizes);
            PassTimer timer = PassTimer.of(runner.stream())) {
          windows = runner.windows();
          ops = runner.ops();
          cost = runner.cost();
          warmUp(runner, timer);
          measure(runner, timer);
          split(runner, timer);
          latency(runner);
          peak = Math.max(peak, context.memory().peak());
        }
      } catch (UnsupportedException e) {
        status = Measurement.UNSUPPORTED;
        reason = e.getMessage();
      } catch (OutOfDeviceMemoryException e) {
        status = "out-of-memory";
        reason = e.getMessage();
      }
    }

    private void warmUp(StepRunner runner, PassTimer timer) {
      WarmUp warmUp = new WarmUp();
      double spent = 0;
      do {
        double time = timer.milliseconds(runner::launch, 1);
        warmUp.pass(time);
        spent += time;
      } while (spent < WARM_UP_SHARE * sliceMs && !warmUp.steady());
    }

    private void measure(StepRunner runner, PassTimer timer) {
      List<Double> samples = new ArrayList<>();
      Energy energy = Energy.of(runner.stream().context());
      double spent = 0;
      do {
        double time = timer.milliseconds(runner::launch, 1);
        samples.add(time);
        spent += time;
      } while (spent < sliceMs);
      OptionalDouble taken = energy.joules();
      if (taken.isPresent()) {
        joules = (Double.isNaN(joules) ? 0 : joules) + taken.getAsDouble();
        joulesMs += spent;
      }
      passes.add(samples.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private void split(StepRunner runner, PassTimer timer) {
      long begin = System.nanoTime();
      do {
        parts.add(runner.split(timer));
      } while ((System.nanoTime() - begin) * 1e-6 < SPLIT_SHARE * sliceMs);
      parts.endTurn();
    }

    private void latency(StepRunner runner) {
      List<Double> samples = new ArrayList<>();
      long begin = System.nanoTime();
      long now = begin;
      while (samples.isEmpty() || (now - begin) * 1e-6 < LATENCY_SHARE * sliceMs) {
        long before = System.nanoTime();
        if (!runner.roundTrip()) {
          return;
        }
        now = System.nanoTime();
        samples.add((now - before) * 1e-6);
      }
      roundTrips.add(samples.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private BenchmarkCase id(String subject) {
      return sizes.of(task.stage, subject, task.settings, device.threads(sizes));
    }

    void report(Ceilings ceilings, List<Measurement> lines) {
      if (!status.isEmpty()) {
        lines.add(Measurement.of(id(task.subject)).failed(status, reason).build());
        return;
      }
      Roofline roofline =
          new Roofline(ceilings.arithmetic(sizes.precision()), ceilings.bandwidth());
      Measurement.Builder line = Measurement.of(id(task.subject)).times(passes);
      roofline.rates(line, cost, passes.medianMs());
      line.value(windows * 1e3 / passes.medianMs(), "windows/s");
      line.count("ops", ops).count("peak_bytes", peak);
      new Machine().peakResident().ifPresent(bytes -> line.count("process_peak_bytes", bytes));
      if (!Double.isNaN(joules)) {
        line.number("joules", joules * passes.medianMs() / joulesMs);
        line.number("watts", 1e3 * joules / joulesMs);
      } else {
        line.text("note", Energy.NOT_REPORTED);
      }
      lines.add(line.build());
      parts.report(name -> id("parts of " + task.subject + ": " + name), passes.medianMs(), lines);
      if (roundTrips.passes() > 0) {
        lines.add(
            Measurement.of(id(task.subject + " from host to host"))
                .times(roundTrips)
                .value(windows * 1e3 / roundTrips.medianMs(), "windows/s")
                .build());
      }
    }
  }

  /**
   * Prepares.
   *
   * @param points where to measure
   * @param seconds time to spend on all of it
   */
  public StepBenchmark(Device device, Task task, List<StepPoint> points, double seconds) {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("the time budget must be positive, was " + seconds);
    }
    this.device = device;
    this.task = task;
    this.points = points.stream().distinct().map(Point::new).toList();
    double shares = 1 + WARM_UP_SHARE + SPLIT_SHARE + LATENCY_SHARE;
    sliceMs = 1e3 * seconds / (KernelBenchmark.ROUNDS * this.points.size() * shares);
  }

  /** Inference with a network of random weights. */
  public static Task inference(long seed) {
    return new Task(
        "infer",
        "inference",
        Map.of(),
        (context, point) -> new InferenceRunner(context, point, seed));
  }

  /**
   * Training steps of a stage of a recipe.
   *
   * @param cohort the data; must stay open
   * @param stage number of the stage, from 0
   */
  public static Task training(BenchmarkCohort cohort, Recipe recipe, int stage, long seed) {
    String name = recipe.name();
    String part = recipe.stages().get(stage).name();
    return new Task(
        "train",
        "training step",
        Map.of("recipe", name.equals(part) ? name : name + " " + part),
        (context, point) ->
            new TrainingRunner(context, cohort.shard(), recipe, stage, point, seed));
  }

  /** Measures. */
  public List<Measurement> run(KernelBenchmark.Progress progress) {
    List<Measurement> lines = new ArrayList<>();
    try (Resources resources = new Resources()) {
      Map<Integer, Ceilings> ceilings = new TreeMap<>();
      for (Point point : points) {
        ceilings.computeIfAbsent(
            device.threads(point.sizes), threads -> ceilings(resources, point.sizes, threads));
      }
      int done = 0;
      for (int round = 0; round < KernelBenchmark.ROUNDS; round++) {
        ceilings.values().forEach(Ceilings::round);
        for (int i = 0; i < points.size(); i++) {
          Point point = points.get(round % 2 == 0 ? i : points.size() - 1 - i);
          if (point.status.isEmpty()) {
            point.turn();
          }
          progress.turn(++done, KernelBenchmark.ROUNDS * points.size());
        }
      }
      ceilings.values().forEach(each -> lines.addAll(each.measurements()));
      for (Point point : points) {
        point.report(ceilings.get(device.threads(point.sizes)), lines);
      }
    }
    return lines;
  }

  private Ceilings ceilings(Resources resources, StepPoint point, int threads) {
    Stream stream = resources.add(resources.add(device.open(point)).stream());
    return resources.add(new Ceilings(stream, task.stage, threads));
  }
}
