// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.precordia.download.Dataset;
import org.precordia.download.DownloadReport;
import org.precordia.download.DownloadSettings;
import org.precordia.download.Downloader;
import org.precordia.model.ProgramVersion;
import org.precordia.train.StopOnShutdown;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code precordia download}: a published data set to a folder, every file verified. */
@Command(
    name = "download",
    description = {
      "Fetches a published data set and verifies every file against its SHA256SUMS.txt.",
      "Run again, it goes on where it ended; Ctrl-C stops it in order."
    })
final class DownloadCommand implements Callable<Integer> {
  private static final int NAMED = 20;

  @Spec CommandSpec spec;
  @Mixin JsonOption json;

  @Parameters(
      converter = DatasetName.class,
      paramLabel = "ptb-xl|ptb",
      description = "PTB-XL 1.0.3, or the PTB Diagnostic ECG Database 1.0.0.")
  Dataset dataset;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the files, laid out as published.")
  Path out;

  @Option(
      names = "--rate",
      paramLabel = "100|500",
      description = "Which of PTB-XL's two sets of records, in Hz. Default: 100")
  Integer rate;

  @Option(names = "--all", description = "Every file that is published, of both rates.")
  boolean all;

  @Option(
      names = "--parallel",
      defaultValue = "8",
      paramLabel = "N",
      description = "Files fetched at once, at most 32. Default: 8")
  int parallel;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      description =
          "Another place with the same files: http, https, file or a folder. Default: PhysioNet")
  String mirror;

  @Option(
      names = "--verify",
      description = "Read and verify again what an earlier run verified already.")
  boolean verify;

  @Override
  public Integer call() throws IOException {
    Output output = json.output();
    if (rate != null && (dataset != Dataset.PTB_XL || all)) {
      throw new ParameterException(
          spec.commandLine(), "--rate chooses records of ptb-xl, and goes without --all");
    }
    String source = mirror == null ? dataset.home() : mirror;
    int chosen = rate == null ? 100 : rate;
    Dataset.Selection selection = all ? dataset.everything() : dataset.needed(chosen);
    DownloadSettings settings =
        DownloadSettings.of(parallel, verify, "precordia/" + ProgramVersion.get());
    output.line("%s from %s".formatted(dataset.description(), source));
    FileMeter meter = new FileMeter(output);
    Downloader downloader = new Downloader(source, out, settings, meter);
    // The process ends when the guard is closed, so what there is to say is said before.
    try (StopOnShutdown _ = new StopOnShutdown(downloader::stop)) {
      return run(output, downloader, selection, meter)
          .map(report -> report(output, report, source, chosen))
          .orElse(ExitCode.STOPPED);
    }
  }

  /** What was done; empty when it was stopped before the first file. */
  private static Optional<DownloadReport> run(
      Output output, Downloader downloader, Dataset.Selection selection, FileMeter meter)
      throws IOException {
    try (meter) {
      return Optional.of(downloader.run(selection));
    } catch (InterruptedException e) {
      output.line("stopped before the first file; run the same command again");
      return Optional.empty();
    }
  }

  private int report(Output output, DownloadReport report, String source, int chosen) {
    tell(output, report);
    String next = next(chosen);
    if (report.complete()) {
      output.result("go on with: " + next);
    }
    output.result(toJson(report, source, next));
    if (report.complete()) {
      return ExitCode.OK;
    }
    return report.stopped() ? ExitCode.STOPPED : ExitCode.DATA;
  }

  private void tell(Output output, DownloadReport report) {
    report.replaced().stream()
        .limit(NAMED)
        .forEach(path -> output.line("replaced  " + path + ": it was not as published"));
    report.missing().stream()
        .limit(NAMED)
        .forEach(file -> output.line("missing  " + file.path() + ": " + file.reason()));
    if (report.missing().size() > NAMED) {
      output.line("missing  %d more; --json lists all".formatted(report.missing().size() - NAMED));
    }
    if (report.notTried() > 0) {
      output.line("missing  %d files that were not asked for".formatted(report.notTried()));
    }
    output.result(
        "%s  %d of %d files there and verified: %d fetched, %d kept; %s in %s"
            .formatted(
                out,
                report.kept() + report.fetched(),
                report.files(),
                report.fetched(),
                report.kept(),
                FileMeter.size(report.bytes()),
                Meter.span(report.seconds())));
    if (!report.complete()) {
      output.line(
          "%s; run the same command again to go on, or name another --mirror"
              .formatted(
                  report.advice().isEmpty()
                      ? (report.stopped() ? "stopped" : "some files are missing")
                      : report.advice()));
    }
  }

  /** The command to go on with. */
  private String next(int chosen) {
    return "precordia prepare --%s %s%s --out %s.shard"
        .formatted(dataset.id(), out, chosen == 100 ? "" : " --rate " + chosen, dataset.id());
  }

  private ObjectNode toJson(DownloadReport report, String source, String next) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("dataset", dataset.id()).put("folder", out.toString()).put("source", source);
    root.put("complete", report.complete()).put("stopped", report.stopped());
    root.put("files", report.files()).put("fetched", report.fetched()).put("kept", report.kept());
    root.put("not_tried", report.notTried());
    root.put("bytes", report.bytes()).put("seconds", report.seconds());
    ArrayNode replaced = root.putArray("replaced");
    report.replaced().forEach(replaced::add);
    ArrayNode missing = root.putArray("missing");
    report
        .missing()
        .forEach(file -> missing.addObject().put("path", file.path()).put("reason", file.reason()));
    return root.put("next", next);
  }

  /** Reads a data set's name. */
  static final class DatasetName implements ITypeConverter<Dataset> {
    @Override
    public Dataset convert(String text) {
      return Arrays.stream(Dataset.values())
          .filter(dataset -> dataset.id().equalsIgnoreCase(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'%s' is no data set that can be fetched: choose among %s"
                          .formatted(
                              text,
                              Arrays.stream(Dataset.values())
                                  .map(Dataset::id)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  /** Files as they come, with the bytes and their rate. */
  private static final class FileMeter implements Downloader.Progress, AutoCloseable {
    private final Output output;
    private final long start = System.nanoTime();
    private Meter meter;

    FileMeter(Output output) {
      this.output = output;
    }

    @Override
    public void at(int done, int files, long bytes) {
      if (meter == null) {
        meter = new Meter(output, "download", "files", files);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      meter.at(done, "%s, %s/s".formatted(size(bytes), size((long) (bytes / seconds))));
    }

    static String size(long bytes) {
      return "%.1f MB".formatted(bytes / 1e6);
    }

    @Override
    public void close() {
      if (meter != null) {
        meter.close();
      }
    }
  }
}
