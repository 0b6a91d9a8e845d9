// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.precordia.benchmark.Environment;
import org.precordia.benchmark.ResultFile;
import org.precordia.runtime.Backend;
import org.precordia.runtime.DeviceInfo;
import org.precordia.runtime.Devices;

/**
 * JMH's command line with one option more: {@code --out FILE} writes the results as JSON Lines of
 * {@code bench/results/schema.json}.
 */
public final class Jmh {
  private static final String OUT = "--out";

  private Jmh() {}

  /** Runs the benchmarks whose names match. */
  public static void main(String[] arguments) throws Exception {
    List<String> rest = new ArrayList<>(Arrays.asList(arguments));
    int at = rest.indexOf(OUT);
    if (at < 0) {
      Main.main(arguments);
      return;
    }
    if (at + 1 == rest.size()) {
      throw new IllegalArgumentException("--out needs the name of a file");
    }
    rest.remove(at);
    Path file = Path.of(rest.remove(at));
    DeviceInfo device = Devices.query(Backend.CPU, 0);
    // Before measuring, for the load that was met.
    Environment environment =
        Environment.collect(
            device, device.computeUnits(), 1, "bench/jmh " + String.join(" ", rest));
    Runner runner = new Runner(new CommandLineOptions(rest.toArray(String[]::new)));
    ResultFile.of(environment, JmhLines.of(runner.run())).write(file);
    System.out.println("written  " + file);
  }
}
