// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import picocli.CommandLine.Option;

/** Options of every command that computes. */
final class ComputeOptions {
  @Option(
      names = "--backend",
      defaultValue = "auto",
      paramLabel = "auto|cpu|cuda",
      description =
          "What computes. auto: a CUDA device where one can be used, else the CPU; cuda never falls"
              + " back. Default: auto")
  String backend;

  @Option(
      names = "--device",
      defaultValue = "0",
      paramLabel = "N",
      description = "Number of the device within its backend. Default: 0")
  int device;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "CPU threads; 0: all that this process may use. Results do not depend on it. Default: 0")
  int threads;

  @Option(
      names = "--memory-limit",
      defaultValue = "0",
      converter = ByteSize.Converter.class,
      paramLabel = "SIZE",
      description =
          "Most memory of the device to take, for example 8GiB; beyond it the command ends and says"
              + " what would not fit. 0: all there is. Default: 0")
  ByteSize memoryLimit;

  /** Opens the device and says which one, and why. */
  Context open(Output output) {
    Backend.Selection selection = Backend.of(backend).select(device);
    output.line("backend  " + selection.reason());
    return Context.open(selection, options());
  }

  ContextOptions options() {
    return ContextOptions.DEFAULT.withThreads(threads).withMemoryLimit(memoryLimit.bytes());
  }

  /** Threads for work in Java. */
  int javaThreads() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }
}
