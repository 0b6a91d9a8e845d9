// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.precordia.benchmark.CommunicatorBenchmark;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.Measurement;
import org.precordia.distributed.Job;
import org.precordia.report.ConsoleTable;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia bench comm}: how fast tensors move between ranks. */
@Command(
    name = "comm",
    description = {
      "Times collectives between the ranks of a job by size: mpirun -n 4 precordia bench comm.",
      "Bus bandwidth as nccl-tests reports it; results are checked before anything is timed."
    })
final class BenchCommCommand implements Callable<Integer> {
  @Mixin ComputeOptions compute;
  @Mixin RankOptions ranks;
  @Mixin BenchOutput results;

  @Option(
      names = "--sizes",
      split = ",",
      defaultValue = "1KiB,16KiB,256KiB,4MiB,64MiB",
      converter = ByteSize.Converter.class,
      paramLabel = "SIZE",
      description = "Bytes of a call, of the larger tensor. Default: 1KiB,16KiB,256KiB,4MiB,64MiB")
  List<ByteSize> sizes;

  @Option(
      names = "--time-budget",
      defaultValue = "20",
      paramLabel = "SECONDS",
      description = "Time to spend on all of it. Default: 20")
  double seconds;

  @Override
  public Integer call() throws IOException {
    Output output = ranks.output(results.json);
    List<Measurement> lines;
    Environment environment;
    try (Context context = ranks.open(compute, output);
        Job job = ranks.join(context, ranks.configuration(), output)) {
      environment = results.environment(context.device(), compute.threads);
      lines = job.run(() -> measure(job, context, output));
    }
    if (ranks.ranks().first()) {
      output.result(table(lines));
      results.write(output, environment, lines);
    }
    return ExitCode.OK;
  }

  private List<Measurement> measure(Job job, Context context, Output output) {
    try (Stream stream = context.stream();
        CommunicatorBenchmark benchmark =
            new CommunicatorBenchmark(
                job.communicator(), stream, sizes.stream().map(ByteSize::bytes).toList(), seconds);
        TurnMeter meter = new TurnMeter(output)) {
      return benchmark.run(meter);
    }
  }

  private static String table(List<Measurement> lines) {
    ConsoleTable table =
        ConsoleTable.of(
            "collective",
            "by, shape",
            "median [µs]",
            "95 % [µs]",
            "size / time [GB/s]",
            "bus [GB/s]");
    for (Measurement line : lines) {
      table.row(
          line.id().subject(),
          line.id().variant() + ", " + line.id().shapeText(),
          ConsoleTable.number(1e3 * line.medianMs(), 1),
          ConsoleTable.interval(1e3 * line.number("ci_low_ms"), 1e3 * line.number("ci_high_ms"), 1),
          ConsoleTable.number(line.number("gbps"), 2),
          ConsoleTable.number(line.value(), 2));
    }
    return table.render(true);
  }
}
