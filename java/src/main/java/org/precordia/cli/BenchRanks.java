// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.precordia.benchmark.BenchmarkCohort;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.RankScaling;
import org.precordia.benchmark.StepPoint;
import org.precordia.distributed.Job;
import org.precordia.report.ConsoleTable;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.train.Recipe;

/** {@code precordia bench train --scaling strong|weak}: training steps on more and more ranks. */
final class BenchRanks {
  private static final double MEGA = 1e-6;

  private final BenchTrainCommand command;
  private final Recipe recipe;
  private final Output output;

  BenchRanks(BenchTrainCommand command, Recipe recipe, Output output) {
    this.command = command;
    this.recipe = recipe;
    this.output = output;
  }

  Integer call() throws IOException {
    if (command.until != null) {
      throw new IllegalArgumentException("--until is measured at one point: leave --scaling out");
    }
    BenchPointOptions options = command.options;
    List<Measurement> lines;
    Environment environment;
    try (Context context = command.ranks.open(options.compute, output);
        Job job = command.ranks.join(context, command.ranks.configuration(), output)) {
      environment = command.results.environment(context.device(), options.compute.threads);
      lines = job.run(() -> measure(context, job));
    }
    if (command.ranks.ranks().first()) {
      output.result(table(lines));
      command.results.write(output, environment, lines);
    }
    return ExitCode.OK;
  }

  private List<Measurement> measure(Context context, Job job) throws IOException {
    BenchPointOptions options = command.options;
    Communicator world = job.communicator();
    List<Integer> counts = counts(options.sizes, world.ranks());
    int windows =
        command.batch != null
            ? command.batch
            : recipe.stages().get(command.stage).sampler().batch();
    StepPoint point = options.point(windows);
    RankScaling.Kind kind = RankScaling.Kind.valueOf(options.series.name());
    Map<Integer, byte[]> ids = ids(job, counts);
    int patients = command.patients != null ? command.patients : 200;
    try (BenchmarkCohort cohort =
            new BenchmarkCohort(
                patients, command.results.seed, recipe.preprocessing(), point.length());
        RankScaling scaling =
            new RankScaling(
                world,
                ranks ->
                    Communicator.create(context, world.kind(), world.rank(), ranks, ids.get(ranks)),
                kind,
                counts,
                point,
                new RankScaling.Work(cohort.shard(), recipe, command.stage, command.results.seed),
                options.seconds);
        TurnMeter meter = new TurnMeter(output)) {
      return scaling.run(meter, BenchOutput.threads(context.device(), options.compute.threads));
    }
  }

  /** What ranks of NCCL find each other by, for each group; nothing for MPI. */
  private static Map<Integer, byte[]> ids(Job job, List<Integer> counts) {
    Map<Integer, byte[]> ids = new HashMap<>();
    if (job.communicator().kind() == Communicator.Kind.NCCL) {
      for (int count : counts) {
        byte[] own = job.first() ? Communicator.uniqueId(Communicator.Kind.NCCL) : new byte[0];
        ids.put(count, share(job, own));
      }
    }
    return ids;
  }

  private static byte[] share(Job job, byte[] data) {
    try {
      return job.share(data);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ranks met", e);
    }
  }

  /** 1, 2, 4, … and all; or those that are asked for. */
  private static List<Integer> counts(List<Integer> asked, int all) {
    List<Integer> counts = new ArrayList<>(asked);
    for (int ranks = 1; asked.isEmpty() && ranks < all; ranks *= 2) {
      counts.add(ranks);
    }
    if (asked.isEmpty()) {
      counts.add(all);
    }
    for (int ranks : counts) {
      if (ranks < 1 || ranks > all) {
        throw new IllegalArgumentException(
            "--points %d: this job has 1 to %d ranks; start it with more (mpirun -n %d)"
                .formatted(ranks, all, ranks));
      }
    }
    return counts.stream().sorted().distinct().toList();
  }

  private static String table(List<Measurement> lines) {
    ConsoleTable table =
        ConsoleTable.of(
            "step",
            "shape",
            "median [ms]",
            "95 % [ms]",
            "windows/s",
            "efficiency [%]",
            "communicated [MB]",
            "waited for it [ms]");
    for (Measurement line : lines) {
      table.row(
          line.id().variant(),
          line.id().shapeText(),
          ConsoleTable.number(line.medianMs(), 2),
          ConsoleTable.interval(line.number("ci_low_ms"), line.number("ci_high_ms"), 2),
          ConsoleTable.number(line.value(), 1),
          ConsoleTable.number(line.number("efficiency"), 1),
          ConsoleTable.number(line.number("communicated_bytes") * MEGA, 3),
          ConsoleTable.number(line.number("waited_ms"), 2));
    }
    return table.render(true);
  }
}
