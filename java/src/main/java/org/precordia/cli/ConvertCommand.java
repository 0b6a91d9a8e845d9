// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.Recording;
import org.precordia.data.Recordings;
import org.precordia.data.Wfdb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code precordia convert}: recordings of any known format to WFDB records or tables. */
@Command(
    name = "convert",
    description = {
      "Converts recordings of any known format, recognised by their content, to WFDB records or"
          + " tables.",
      "A WFDB record that becomes one again keeps every signal and sample."
    })
final class ConvertCommand implements Callable<Integer> {
  /** What recordings are converted to. */
  enum Target {
    WFDB,
    CSV,
    TSV
  }

  /** What becomes of leads that were asked for and are not there. */
  enum Missing {
    FAIL,
    NAN
  }

  @Mixin JsonOption json;
  @Mixin ReadingOptions reading;

  @Parameters(
      arity = "1..*",
      paramLabel = "RECORD",
      description = "Files to convert; WFDB records with or without .hea.")
  List<Path> records;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for what is written; older files of the same names are replaced.")
  Path out;

  @Option(
      names = "--to",
      defaultValue = "wfdb",
      paramLabel = "T",
      description = "${COMPLETION-CANDIDATES}. Default: wfdb")
  Target target;

  @Option(
      names = "--format",
      paramLabel = "N",
      description =
          "WFDB storage format 16, 24, 32 or 212. Default: a WFDB record's own, otherwise 16")
  Integer format;

  @Option(
      names = "--gain",
      paramLabel = "G",
      description =
          "ADC units per mV of WFDB records. Default: a WFDB record's own, otherwise 1000")
  Double gain;

  @Option(
      names = "--leads",
      paramLabel = "LEADS",
      converter = LeadList.Converter.class,
      description =
          "The leads to write, in this order; limb leads are derived where two others are there."
              + " Default: those there are")
  LeadList leads;

  @Option(
      names = "--missing",
      defaultValue = "fail",
      paramLabel = "M",
      description =
          "With --leads, a lead that is not there: ${COMPLETION-CANDIDATES}. Default: fail")
  Missing missing;

  @Option(
      names = "--decimal-comma",
      description = "Write tables with a decimal comma, and semicolons between CSV columns.")
  boolean decimalComma;

  @Override
  public Integer call() {
    Output output = json.output();
    ArrayNode results = new ObjectMapper().createArrayNode();
    List<String> failures = new ArrayList<>();
    for (Path record : records) {
      try {
        Path written = convert(record);
        output.result("%s  from %s".formatted(written, record));
        results.addObject().put("record", record.toString()).put("written", written.toString());
      } catch (IOException e) {
        // One bad record must not cost the others.
        failures.add(e.getMessage());
        output.line("failed  " + e.getMessage());
      }
    }
    output.result(results);
    if (!failures.isEmpty()) {
      output.line(
          "%d of %d records could not be converted".formatted(failures.size(), records.size()));
      return ExitCode.DATA;
    }
    return ExitCode.OK;
  }

  private Path convert(Path record) throws IOException {
    if (target == Target.WFDB && format == null && gain == null && leads == null && whole(record)) {
      return Wfdb.write(Wfdb.readDigital(record), out);
    }
    Recording read = Recordings.read(record, reading.options());
    Recording chosen =
        leads == null ? read : LimbLeads.select(read, leads.leads(), missing == Missing.NAN);
    if (target == Target.WFDB) {
      return writeWfdb(chosen.withName(RecordName.of(chosen.name())), Recordings.storage(record));
    }
    Path file = out.resolve(chosen.name() + "." + target.name().toLowerCase(Locale.ROOT));
    char delimiter = target == Target.TSV ? '\t' : decimalComma ? ';' : ',';
    Recordings.writeTable(chosen, file, delimiter, decimalComma);
    return file;
  }

  /** Whether a record can be copied as it is stored. */
  private static boolean whole(Path record) throws IOException {
    return Recordings.isWfdb(record) && Wfdb.header(record).segments().isEmpty();
  }

  private Path writeWfdb(Recording recording, Recordings.Storage storage) throws IOException {
    Map<Lead, Wfdb.Scaling> scalings = new HashMap<>(storage.scalings());
    if (gain != null) {
      recording.leads().forEach(lead -> scalings.put(lead, new Wfdb.Scaling(gain, 0)));
    }
    return Wfdb.write(recording, out, scalings, format == null ? storage.format() : format);
  }
}
