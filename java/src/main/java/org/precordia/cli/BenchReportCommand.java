// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.precordia.benchmark.ResultFile;
import org.precordia.data.AtomicFile;
import org.precordia.report.benchmark.BenchReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code precordia bench report}: result files as one page. */
@Command(
    name = "report",
    description = {
      "Writes result files as one HTML page: roofline, ops, scaling, other programs, machine.",
      "Several files are parts of one run; two of the same cases are compared."
    })
final class BenchReportCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Result files, JSON Lines.")
  List<Path> files;

  @Option(
      names = "--out",
      defaultValue = "report.html",
      paramLabel = "FILE",
      description = "Where the page is written. Default: ${DEFAULT-VALUE}")
  Path out;

  @Override
  public Integer call() throws IOException {
    List<BenchReport.Input> inputs = new ArrayList<>();
    for (Path file : files) {
      inputs.add(new BenchReport.Input(name(file), ResultFile.read(file)));
    }
    AtomicFile.write(out, new BenchReport(inputs).render());
    new Output(false).result("written  " + out);
    return ExitCode.OK;
  }

  /** Folder and file: runs have folders, and their files the same names. */
  private static String name(Path file) {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent().getFileName();
    return folder == null ? file.toString() : folder.resolve(absolute.getFileName()).toString();
  }
}
