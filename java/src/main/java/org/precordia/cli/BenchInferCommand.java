// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.StepBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia bench infer}: how fast windows become leads. */
@Command(
    name = "infer",
    description = {
      "Times inference: batches that lie on the device, and from the host's memory and back to it,",
      "with percentiles. A record of 10 s is 13 windows: --batch 13."
    })
final class BenchInferCommand implements Callable<Integer> {
  @Mixin BenchPointOptions options;
  @Mixin BenchOutput results;
  @Mixin ProfileOption profile;

  @Option(
      names = "--batch",
      defaultValue = "13",
      paramLabel = "N",
      description = "Windows of a batch. Default: 13")
  int batch;

  @Override
  public Integer call() throws IOException {
    Output output = results.json.output();
    StepBenchmark.Device device = options.device(output);
    Environment environment =
        results.environment(device.selection().device(), options.compute.threads);
    StepBenchmark benchmark =
        new StepBenchmark(
            device,
            StepBenchmark.inference(results.seed),
            options.points(device, batch),
            options.seconds);
    List<Measurement> measurements;
    try (ProfileOption.Trace _ = profile.open(output);
        TurnMeter meter = new TurnMeter(output)) {
      measurements = benchmark.run(meter);
    }
    output.result(BenchStepText.of(measurements));
    results.write(output, environment, measurements);
    return ExitCode.OK;
  }
}
