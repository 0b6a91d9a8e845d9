// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.List;
import java.util.Locale;
import org.precordia.benchmark.Measurement;
import org.precordia.report.ConsoleTable;

/** Results of whole passes for people. */
final class BenchStepText {
  private static final double MEGA = 1e-6;

  private BenchStepText() {}

  /** A table of passes, one of their parts, and what belongs beneath. */
  static String of(List<Measurement> measurements) {
    ConsoleTable passes =
        ConsoleTable.of(
            "pass",
            "shape",
            "precision",
            "median [ms]",
            "95 % [ms]",
            "p99 [ms]",
            "windows/s",
            "GFLOP/s",
            "of ceiling [%]",
            "memory [MB]",
            "ops");
    ConsoleTable parts = ConsoleTable.of("part", "shape", "precision", "median [ms]", "share [%]");
    for (Measurement line : measurements) {
      if (!line.measured()) {
        passes.note("%s: %s, %s".formatted(line.status(), line.id(), line.note()));
      } else if (line.id().isCeiling()) {
        passes.note(
            String.format(
                Locale.ROOT,
                "%s %s, %s: %.1f %s",
                line.id().variant(),
                line.id().precision(),
                line.id().shapeText(),
                line.value(),
                line.unit()));
      } else if (line.unit().equals(Measurement.SHARE)) {
        parts.row(
            line.id().subject(),
            line.id().shapeText(),
            line.id().precision(),
            line.rounds().length == 0 ? "–" : ConsoleTable.number(line.medianMs(), 3),
            ConsoleTable.number(line.value(), 1));
      } else {
        passes.row(
            line.id().subject(),
            line.id().shapeText(),
            line.id().precision(),
            ConsoleTable.number(line.medianMs(), 3),
            ConsoleTable.interval(line.number("ci_low_ms"), line.number("ci_high_ms"), 3),
            ConsoleTable.number(line.number("p99_ms"), 3),
            ConsoleTable.number(line.value(), 1),
            ConsoleTable.number(line.number("gflops"), 1),
            ConsoleTable.number(line.number("percent_of_ceiling"), 1),
            ConsoleTable.number(line.number("peak_bytes") * MEGA, 1),
            ConsoleTable.number(line.number("ops"), 0));
        energy(passes, line);
      }
    }
    return passes.render(true) + "\n" + parts.render(true);
  }

  private static void energy(ConsoleTable table, Measurement line) {
    if (line.json().has("joules")) {
      table.note(
          String.format(
              Locale.ROOT,
              "%s: %.3f J a pass, %.1f W",
              line.id().shapeText(),
              line.number("joules"),
              line.number("watts")));
    } else if (!line.note().isEmpty()) {
      table.note(line.note());
    }
  }
}
