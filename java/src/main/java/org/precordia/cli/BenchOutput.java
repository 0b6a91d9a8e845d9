// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.ResultFile;
import org.precordia.runtime.Backend;
import org.precordia.runtime.DeviceInfo;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of benchmarks that say where results go and what random numbers are. */
final class BenchOutput {
  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Mixin JsonOption json;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the results there, as JSON Lines (bench/results/schema.json).")
  Path out;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Key of all random numbers. Default: 1")
  long seed;

  /**
   * Looks at the machine; to be called before measuring, for the load that was met.
   *
   * @param threads CPU threads; 0 for all
   */
  Environment environment(DeviceInfo device, int threads) {
    return Environment.collect(device, threads(device, threads), seed, SourceOptions.typed(spec));
  }

  /** CPU threads that compute. */
  static int threads(DeviceInfo device, int asked) {
    if (device.backend() != Backend.CPU) {
      return 1;
    }
    return asked > 0 ? asked : device.computeUnits();
  }

  /** Writes the file that is asked for, and the document. */
  void write(Output output, Environment environment, List<Measurement> measurements)
      throws IOException {
    if (out != null) {
      ResultFile.of(environment, measurements).write(out);
      output.line("written  " + out);
    }
    if (output.json()) {
      ObjectNode root = new ObjectMapper().createObjectNode();
      root.set("environment", environment.json());
      ArrayNode lines = root.putArray("measurements");
      measurements.forEach(measurement -> lines.add(measurement.json()));
      output.result(root);
    }
  }
}
