// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.precordia.data.Inspection;
import org.precordia.data.Patient;
import org.precordia.data.Recording;
import org.precordia.data.Recordings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code precordia inspect}: what a recording holds, and what looks wrong with it. */
@Command(
    name = "inspect",
    description = {
      "Shows format, rate, leads, ranges and gaps of recordings of any known format, how far their"
          + " limb leads contradict each other (Einthoven), and signs of swapped electrodes.",
      "All values are in mV. Nothing here is a diagnosis."
    })
final class InspectCommand implements Callable<Integer> {
  /** A residual above this, in mV, is more than rounding leaves. */
  private static final double ROUNDING = 0.01;

  @Mixin JsonOption json;
  @Mixin ReadingOptions reading;

  @Parameters(
      arity = "1..*",
      paramLabel = "RECORD",
      description = "Files to look at; WFDB records with or without .hea.")
  List<Path> records;

  private Output output;

  @Override
  public Integer call() {
    output = json.output();
    ArrayNode results = new ObjectMapper().createArrayNode();
    List<String> failures = new ArrayList<>();
    for (Path record : records) {
      try {
        Recording recording = Recordings.read(record, reading.options());
        Inspection inspection = Inspection.of(recording);
        show(record, recording, inspection);
        results.add(node(record, recording, inspection));
      } catch (IOException e) {
        // One bad record must not cost the others.
        failures.add(e.getMessage());
        output.line("failed  " + e.getMessage());
      }
    }
    output.result(results);
    return failures.isEmpty() ? ExitCode.OK : ExitCode.DATA;
  }

  private void show(Path record, Recording recording, Inspection inspection) {
    output.result(
        "%s  %s, %d leads, %s Hz, %d samples, %.1f s"
            .formatted(
                record,
                recording.origin().format(),
                recording.leads().size(),
                recording.rate(),
                recording.length(),
                recording.seconds()));
    recording.origin().start().ifPresent(start -> output.result("  start    " + start));
    recording.origin().patient().ifPresent(patient -> output.result("  patient  " + text(patient)));
    recording.origin().notes().forEach(note -> output.result("  note     " + note));
    for (Inspection.LeadRange lead : inspection.leads()) {
      output.result(
          String.format(
              Locale.ROOT,
              "  %-8s %8.3f to %7.3f mV%s%s",
              lead.lead(),
              lead.lowest(),
              lead.highest(),
              lead.missing() == 0
                  ? ""
                  : ", %d samples missing in %d gaps".formatted(lead.missing(), lead.gaps()),
              lead.flat() ? ", flat" : ""));
    }
    output.result("  limbs    " + einthoven(inspection.residual()));
    inspection.suspicions().forEach(text -> output.result("  suspect  " + text));
  }

  private static String einthoven(double residual) {
    if (Double.isNaN(residual)) {
      return "fewer than three of the limb leads, or I or II is missing: nothing to compare";
    }
    return String.format(
        Locale.ROOT,
        "largest contradiction %.4f mV%s",
        residual,
        residual > ROUNDING ? ", more than rounding: leads may be mixed up" : "");
  }

  private static String text(Patient patient) {
    List<String> parts = new ArrayList<>();
    if (!patient.id().isEmpty()) {
      parts.add(patient.id());
    }
    if (!Double.isNaN(patient.age())) {
      parts.add("%.0f years".formatted(patient.age()));
    }
    parts.add(patient.sex().name().toLowerCase(Locale.ROOT));
    return String.join(", ", parts);
  }

  private static ObjectNode node(Path record, Recording recording, Inspection inspection) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("record", record.toString()).put("format", recording.origin().format());
    node.put("rate", recording.rate()).put("samples", recording.length());
    node.put("unit", "mV");
    recording.origin().start().ifPresent(start -> node.put("start", start.toString()));
    recording
        .origin()
        .patient()
        .ifPresent(
            patient -> {
              ObjectNode about = node.putObject("patient");
              about.put("id", patient.id()).put("sex", patient.sex().name());
              putNumber(about, "age", patient.age());
            });
    ArrayNode leads = node.putArray("leads");
    for (Inspection.LeadRange lead : inspection.leads()) {
      ObjectNode range = leads.addObject().put("lead", lead.lead().label());
      putNumber(range, "lowest", lead.lowest());
      putNumber(range, "highest", lead.highest());
      range.put("missing", lead.missing()).put("gaps", lead.gaps()).put("flat", lead.flat());
    }
    putNumber(node, "einthoven_mv", inspection.residual());
    ArrayNode suspicions = node.putArray("suspicions");
    inspection.suspicions().forEach(suspicions::add);
    ArrayNode notes = node.putArray("notes");
    recording.origin().notes().forEach(notes::add);
    return node;
  }

  /** JSON has no NaN. */
  private static void putNumber(ObjectNode node, String name, double value) {
    if (Double.isNaN(value)) {
      node.putNull(name);
    } else {
      node.put(name, value);
    }
  }
}
