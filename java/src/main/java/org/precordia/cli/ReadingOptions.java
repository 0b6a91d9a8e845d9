// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.List;
import org.precordia.data.ReadOptions;
import picocli.CommandLine.Option;

/** What a command is told about files that do not say it: tables without times, units or names. */
final class ReadingOptions {
  @Option(
      names = "--rate",
      defaultValue = "0",
      paramLabel = "HZ",
      description = "Sampling rate of tables without a column of times.")
  double rate;

  @Option(
      names = "--unit",
      defaultValue = "",
      paramLabel = "U",
      description = "Unit of table columns that name none: V, mV, uV or nV.")
  String unit;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "NAMES",
      description = "Names of the columns of tables without a header row.")
  List<String> columns = List.of();

  ReadOptions options() {
    return new ReadOptions(rate, unit, columns);
  }
}
