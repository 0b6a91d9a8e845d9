// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import picocli.CommandLine.Command;

/** {@code precordia bench}: measures, and compares what was measured. */
@Command(
    name = "bench",
    description = "Measures ops and whole steps, and compares results; docs/benchmarks.md.",
    subcommands = {
      BenchKernelsCommand.class,
      BenchTrainCommand.class,
      BenchInferCommand.class,
      BenchCommCommand.class,
      BenchCompareCommand.class,
      BenchReportCommand.class
    })
final class BenchCommand {}
