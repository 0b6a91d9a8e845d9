// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.precordia.benchmark.BenchmarkCase;
import org.precordia.benchmark.Comparison;
import org.precordia.benchmark.ResultFile;
import org.precordia.report.ConsoleTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code precordia bench compare}: which cases of a result file take longer than in another. */
@Command(
    name = "compare",
    description = {
      "Compares two result files case by case: the time in B over that in A, with a 95 % interval",
      "over rounds, or over runs where both files hold four of them. A case counts as slower or"
          + " faster when the whole interval lies beyond the",
      "threshold. Exit code 6: something got slower."
    })
final class BenchCompareCommand implements Callable<Integer> {
  private static final int NAMED = 20;

  @Mixin JsonOption json;

  @Parameters(index = "0", paramLabel = "A", description = "Result file that is compared with.")
  Path base;

  @Parameters(index = "1", paramLabel = "B", description = "Result file that is judged.")
  Path other;

  @Option(
      names = "--threshold",
      defaultValue = "5%",
      converter = Percentage.Converter.class,
      paramLabel = "SHARE",
      description = "Difference that does not matter. Default: 5%%")
  Percentage threshold;

  @Override
  public Integer call() throws IOException {
    Output output = json.output();
    Comparison comparison =
        Comparison.of(ResultFile.read(base), ResultFile.read(other), threshold.share());
    output.result(text(comparison));
    output.result(comparison.toJson());
    return comparison.regressions().isEmpty() ? ExitCode.OK : ExitCode.REGRESSION;
  }

  private String text(Comparison comparison) {
    ConsoleTable table =
        ConsoleTable.of("case", "A [ms]", "B [ms]", "B / A", "95 % interval", "verdict");
    rows(table, comparison, false);
    if (comparison.rows().stream().anyMatch(row -> row.id().isCeiling())) {
      table.rule();
      rows(table, comparison, true);
      table.note("ceilings: rates, not times, and A / B, so that more than 1 is slower there too");
    }
    comparison.rows().stream()
        .mapToInt(Comparison.Row::runs)
        .filter(runs -> runs > 0)
        .min()
        .ifPresent(runs -> table.note("intervals are over %d runs and more".formatted(runs)));
    for (Comparison.Difference difference : comparison.differences()) {
      table.note(
          "not the same: %s: A %s, B %s"
              .formatted(difference.fact(), difference.base(), difference.other()));
    }
    missing(table, "only in A", comparison.onlyBase());
    missing(table, "only in B", comparison.onlyOther());
    table.note(
        "%d cases, %d slower by more than %s, %d faster, %d open"
            .formatted(
                comparison.rows().size(),
                comparison.regressions().size(),
                threshold,
                count(comparison, Comparison.Verdict.FASTER),
                count(comparison, Comparison.Verdict.OPEN)));
    return table.render(true);
  }

  private static void rows(ConsoleTable table, Comparison comparison, boolean ceilings) {
    for (Comparison.Row row : comparison.rows()) {
      if (row.id().isCeiling() == ceilings) {
        table.row(
            row.id().toString(),
            ConsoleTable.number(row.base(), 4),
            ConsoleTable.number(row.other(), 4),
            ConsoleTable.number(row.ratio().estimate(), 3),
            ConsoleTable.interval(row.ratio().low(), row.ratio().high(), 3),
            row.verdict().name().toLowerCase(Locale.ROOT));
      }
    }
  }

  private static long count(Comparison comparison, Comparison.Verdict verdict) {
    return comparison.rows().stream()
        .filter(row -> row.verdict() == verdict && !row.id().isCeiling())
        .count();
  }

  private static void missing(ConsoleTable table, String where, List<BenchmarkCase> cases) {
    for (BenchmarkCase id : cases.subList(0, Math.min(NAMED, cases.size()))) {
      table.note(where + ": " + id);
    }
    if (cases.size() > NAMED) {
      table.note("%s: %d more".formatted(where, cases.size() - NAMED));
    }
  }
}
