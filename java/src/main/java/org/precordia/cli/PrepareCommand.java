// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.precordia.data.LabelPolicy;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationReport;
import org.precordia.data.PreparationSettings;
import org.precordia.data.RecordSource;
import org.precordia.signal.Preprocessing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code precordia prepare}: recordings to a shard. */
@Command(
    name = "prepare",
    description = "Reads a data set, filters it and writes it as a file, or a folder, to train on.")
final class PrepareCommand implements Callable<Integer> {
  private static final int NAMED = 20;
  private static final long SMALLEST = 1 << 20;

  @Spec CommandSpec spec;
  @Mixin SourceOptions source;
  @Mixin JsonOption json;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write, or with --shard-size the folder; replaced if it exists.")
  Path out;

  @Option(
      names = "--shard-size",
      converter = ByteSize.Converter.class,
      paramLabel = "SIZE",
      description =
          "Write a folder of files with so many bytes of samples each, for example 1GiB, instead"
              + " of one file.")
  ByteSize shardSize;

  @Option(
      names = "--preprocessing",
      defaultValue = "default",
      paramLabel = "default|paper",
      description =
          "default: 0.5-45 Hz at 100 Hz. paper: minus a running median too, for recipe paper."
              + " Default: default")
  String preprocessing;

  @Option(
      names = "--on-bad-record",
      defaultValue = "skip",
      paramLabel = "skip|fail",
      description = "Whether a bad record is reported and left out, or ends it. Default: skip")
  PreparationSettings.OnBadRecord onBadRecord;

  @Option(
      names = "--drop-unknown-labels",
      description = "Statements of unknown likelihood (0) do not count as labels.")
  boolean dropUnknown;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description = "Records worked on at once; 0: one a processor. Default: 0")
  int threads;

  @Override
  public Integer call() throws IOException {
    Output output = json.output();
    RecordSource records = source.open();
    records.notes().forEach(output::line);
    PreparationSettings settings =
        PreparationSettings.defaults()
            .with(Preprocessing.of(preprocessing))
            .with(onBadRecord)
            .with(dropUnknown ? LabelPolicy.DEFAULT.dropUnknown() : LabelPolicy.DEFAULT)
            .withCommand(SourceOptions.typed(spec));
    if (shardSize != null) {
      if (shardSize.bytes() < SMALLEST) {
        throw new ParameterException(
            spec.commandLine(), "--shard-size must be 1MiB or more, so that files stay few");
      }
      settings = settings.withPartBytes(shardSize.bytes());
    }
    if (threads > 0) {
      settings = settings.withThreads(threads);
    }
    PreparationReport report = run(output, records, out, settings);
    output.result(
        "%s  %d records of %d patients from %s in %s (%.0f records/s)"
            .formatted(
                out,
                report.records(),
                report.patients(),
                records.name(),
                Meter.span(report.seconds()),
                report.records() / report.seconds()));
    output.result(toJson(report, records));
    return ExitCode.OK;
  }

  /** Prepares with progress and says what was left out. */
  static PreparationReport run(
      Output output, RecordSource records, Path out, PreparationSettings settings)
      throws IOException {
    PreparationReport report;
    try (Meter meter = new Meter(output, "prepare", "records", records.size())) {
      report = Preparation.run(records, out, settings, (done, total, rate) -> meter.at(done));
    }
    report.skipped().stream()
        .limit(NAMED)
        .forEach(bad -> output.line("skipped  " + bad.id() + ": " + bad.reason()));
    if (report.skipped().size() > NAMED) {
      output.line(
          "skipped  %d more; all stand in the file's provenance"
              .formatted(report.skipped().size() - NAMED));
    }
    report
        .duplicates()
        .forEach(
            pair ->
                output.line(
                    "duplicate  %s repeats %s; it is marked and not evaluated"
                        .formatted(pair.id(), pair.of())));
    return report;
  }

  private ObjectNode toJson(PreparationReport report, RecordSource records) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("file", out.toString()).put("dataset", records.name());
    root.setAll((ObjectNode) mapper.valueToTree(report));
    return root;
  }
}
