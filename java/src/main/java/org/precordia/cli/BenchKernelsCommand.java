// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.KernelBenchmark;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.ShapeGrid;
import org.precordia.model.Precision;
import org.precordia.report.ConsoleTable;
import org.precordia.runtime.Context;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia bench kernels}: every op's time, rates, and share of what the machine does. */
@Command(
    name = "kernels",
    description = {
      "Times every op at a grid of shapes, with warm and with cold caches, and holds it against",
      "what the device copies, multiplies and adds at most in the same minutes."
    })
final class BenchKernelsCommand implements Callable<Integer> {
  @Mixin ComputeOptions compute;
  @Mixin BenchOutput results;
  @Mixin ProfileOption profile;

  @Option(
      names = "--precision",
      defaultValue = "all",
      paramLabel = "fp32|bf16|all",
      description = "Storage of activations. Default: all")
  String precision;

  @Option(
      names = "--filter",
      defaultValue = "",
      paramLabel = "REGEX",
      description =
          "Only cases in whose name it is found: stage, op, variant, precision, cache, shape, for"
              + " example 'dilated_stack.*C 64'.")
  Pattern filter;

  @Option(
      names = "--shapes",
      defaultValue = ShapeGrid.DEFAULT,
      paramLabel = "GRID",
      description =
          "Windows B, samples L, channels C, embeddings N; all combinations."
              + " Default: ${DEFAULT-VALUE}")
  String shapes;

  @Option(
      names = "--rounds",
      defaultValue = "7",
      paramLabel = "N",
      description =
          "Rounds, in each of which all cases take a turn; the budget is shared among them. More"
              + " rounds bound a median better on a restless machine. Default: 7")
  int rounds;

  @Option(
      names = "--time-budget",
      defaultValue = "180",
      paramLabel = "SECONDS",
      description =
          "Time to spend. Each case is measured once even where that takes longer. Default: 180")
  double seconds;

  @Override
  public Integer call() throws IOException {
    Output output = results.json.output();
    KernelBenchmark.Settings settings =
        new KernelBenchmark.Settings(
            precisions(), filter, ShapeGrid.parse(shapes), rounds, seconds, results.seed);
    try (ProfileOption.Trace _ = profile.open(output);
        Context context = compute.open(output)) {
      Environment environment = results.environment(context.device(), compute.threads);
      int threads = BenchOutput.threads(context.device(), compute.threads);
      List<Measurement> measurements;
      KernelBenchmark benchmark = new KernelBenchmark(context, settings, threads);
      try (TurnMeter meter = new TurnMeter(output)) {
        measurements = benchmark.run(meter);
      }
      output.result(table(measurements));
      results.write(output, environment, measurements);
    }
    return ExitCode.OK;
  }

  private List<Precision> precisions() {
    if (precision.equalsIgnoreCase("all")) {
      return List.of(Precision.values());
    }
    return Arrays.stream(Precision.values())
        .filter(each -> each.name().equalsIgnoreCase(precision))
        .findFirst()
        .map(List::of)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--precision takes fp32, bf16 or all, not " + precision));
  }

  private static String table(List<Measurement> measurements) {
    ConsoleTable table =
        ConsoleTable.of(
            "op",
            "shape",
            "precision",
            "cache",
            "median [ms]",
            "95 % [ms]",
            "GFLOP/s",
            "GB/s",
            "of ceiling [%]",
            "bound");
    for (Measurement line : measurements) {
      if (!line.id().isCeiling() && line.measured()) {
        table.row(
            line.id().subject(),
            line.id().shapeText(),
            line.id().precision(),
            line.id().cache(),
            ConsoleTable.number(line.medianMs(), 4),
            ConsoleTable.interval(line.number("ci_low_ms"), line.number("ci_high_ms"), 4),
            ConsoleTable.number(line.number("gflops"), 1),
            ConsoleTable.number(line.number("gbps"), 1),
            ConsoleTable.number(line.number("percent_of_ceiling"), 1),
            line.text("bound") + (line.json().path("steady").asBoolean() ? "" : ", unsteady"));
      }
    }
    for (Measurement line : measurements) {
      if (line.id().isCeiling() && line.measured()) {
        table.note(
            String.format(
                Locale.ROOT,
                "%s %s: %.1f %s",
                line.id().variant(),
                line.id().precision(),
                line.value(),
                line.unit()));
      }
    }
    Map<String, Set<String>> missing = new LinkedHashMap<>();
    for (Measurement line : measurements) {
      if (!line.measured()) {
        missing
            .computeIfAbsent(
                "%s, %s: %s".formatted(line.status(), line.id().precision(), line.note()),
                any -> new LinkedHashSet<>())
            .add(line.id().subject());
      }
    }
    missing.forEach((why, ops) -> table.note("%s: %s".formatted(why, String.join(", ", ops))));
    return table.render(true);
  }
}
