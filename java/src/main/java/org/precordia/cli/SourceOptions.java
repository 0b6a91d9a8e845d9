// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.precordia.data.Challenge;
import org.precordia.data.OwnTable;
import org.precordia.data.PtbDiagnostic;
import org.precordia.data.PtbXl;
import org.precordia.data.RecordSource;
import org.precordia.synth.SyntheticCohort;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which recordings a data set is prepared from: exactly one of five sources. */
final class SourceOptions {
  @ArgGroup(multiplicity = "1")
  Source source;

  @Option(
      names = "--rate",
      defaultValue = "100",
      paramLabel = "100|500",
      description = "Which of PTB-XL's two sets of files is read, in Hz. Default: 100")
  int rate;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Seed of a synthetic cohort, and of folds that a table lacks. Default: 1")
  long seed;

  /** One source. */
  static final class Source {
    @Option(names = "--ptb-xl", paramLabel = "DIR", description = "PTB-XL, as PhysioNet has it.")
    Path ptbXl;

    @Option(
        names = "--ptb",
        paramLabel = "DIR",
        description = "PTB Diagnostic: 15 leads at 1000 Hz; the first 10 s are used.")
    Path ptb;

    @Option(
        names = "--challenge",
        paramLabel = "DIR",
        description = "A PhysioNet Challenge folder of .hea and .mat files.")
    Path challenge;

    @Option(
        names = "--synthetic",
        paramLabel = "N",
        description = "A synthetic cohort of N patients.")
    Integer synthetic;

    @ArgGroup(exclusive = false)
    Own own;
  }

  /** Anyone's own records. */
  static final class Own {
    @Option(
        names = "--wfdb",
        required = true,
        paramLabel = "DIR",
        description = "A folder of WFDB records of your own; needs --table.")
    Path wfdb;

    @Option(
        names = "--table",
        required = true,
        paramLabel = "FILE.csv",
        description =
            "Its table, with columns record, patient and, if you have them, fold, labels.")
    Path table;
  }

  /** Opens the source. */
  RecordSource open() throws IOException {
    if (source.ptbXl != null) {
      return PtbXl.open(source.ptbXl, rate);
    }
    if (source.ptb != null) {
      return PtbDiagnostic.open(source.ptb);
    }
    if (source.challenge != null) {
      return Challenge.open(source.challenge);
    }
    if (source.synthetic != null) {
      return new SyntheticCohort(source.synthetic, seed);
    }
    return OwnTable.open(source.own.wfdb, source.own.table, seed);
  }

  /**
   * The command as it was typed, for the provenance: of paths the last name alone, so that no shard
   * or model tells how its maker's folders are called.
   */
  static String typed(CommandLine.Model.CommandSpec spec) {
    return spec.root().commandLine().getParseResult().originalArgs().stream()
        .map(SourceOptions::withoutFolders)
        .collect(Collectors.joining(" ", "precordia ", ""));
  }

  private static String withoutFolders(String argument) {
    int equals = argument.startsWith("-") ? argument.indexOf('=') + 1 : 0;
    if (argument.startsWith("-") && equals == 0) {
      return argument;
    }
    Path name = Path.of(argument.substring(equals)).getFileName();
    return argument.substring(0, equals) + (name == null ? "" : name);
  }
}
