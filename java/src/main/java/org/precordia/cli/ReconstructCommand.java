// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.precordia.Reconstruction;
import org.precordia.ReconstructionOptions;
import org.precordia.Reconstructor;
import org.precordia.data.Lead;
import org.precordia.model.ModelFile;
import org.precordia.runtime.Backend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code precordia reconstruct}: records with a few leads to records with twelve. */
@Command(
    name = "reconstruct",
    description = {
      "Completes records to twelve leads and draws them. Measured leads stay untouched.",
      "The result is not for diagnosis."
    })
final class ReconstructCommand implements Callable<Integer> {
  @Mixin ComputeOptions compute;
  @Mixin PrecisionOption precision;
  @Mixin JsonOption json;
  @Mixin ReadingOptions reading;
  @Mixin ProfileOption profile;

  @Parameters(
      arity = "1..*",
      paramLabel = "RECORD",
      description =
          "Recordings of any known format, WFDB records with or without .hea; any rate and length.")
  List<Path> records;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the records and pictures.")
  Path out;

  @Option(
      names = "--model",
      paramLabel = "M",
      description =
          "A model.safetensors, or the folder of a run; several, for example of several seeds, are"
              + " averaged. Default: the one that comes along")
  List<Path> models = List.of();

  @Option(
      names = "--filtered",
      description = "Write the measured leads in the model's band too, as the network sees them.")
  boolean filtered;

  @Option(
      names = "--inputs-only",
      description =
          "Set measured leads aside that are no inputs of the model, and reconstruct them; the"
              + " picture shows them beneath.")
  boolean inputsOnly;

  @Option(names = "--no-picture", description = "Write no SVG beside the record.")
  boolean noPicture;

  @Override
  public Integer call() throws IOException {
    Output output = json.output();
    Backend.Selection selection = Backend.of(compute.backend).select(compute.device);
    output.line("backend  " + selection.reason());
    ArrayNode results = new ObjectMapper().createArrayNode();
    List<String> failures = new ArrayList<>();
    try (ProfileOption.Trace _ = profile.open(output);
        Reconstructor reconstructor =
            Reconstructor.load(
                modelFiles(),
                selection,
                compute.options(),
                precision.on(selection.device(), output))) {
      RecordWriter writer =
          new RecordWriter(
              reconstructor, out, new ReconstructionOptions(filtered, inputsOnly), !noPicture);
      for (Path record : records) {
        try {
          results.add(report(output, record, writer.complete(record, reading.options())));
        } catch (IOException e) {
          // One bad record must not cost the others.
          failures.add(e.getMessage());
          output.line("failed  " + e.getMessage());
        }
      }
    }
    output.result(results);
    if (!failures.isEmpty()) {
      output.line(
          "%d of %d records could not be completed".formatted(failures.size(), records.size()));
      return ExitCode.DATA;
    }
    return ExitCode.OK;
  }

  /** Model files, runs' models, or the default one. */
  private List<ModelFile> modelFiles() throws IOException {
    if (models.isEmpty()) {
      return List.of(Reconstructor.defaultModel());
    }
    List<ModelFile> files = new ArrayList<>();
    for (Path model : models) {
      files.add(
          ModelFile.read(
              model.toFile().isDirectory() ? model.resolve("model.safetensors") : model));
    }
    return files;
  }

  private ObjectNode report(Output output, Path record, RecordWriter.Written written) {
    Reconstruction made = written.reconstruction();
    output.result(
        "%s  %s reconstructed at %s Hz, %.1f s"
            .formatted(
                written.header(),
                labels(made.reconstructed()),
                made.recording().rate(),
                made.recording().seconds()));
    made.warnings().forEach(warning -> output.line("warning  " + record + ": " + warning));
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("record", record.toString()).put("header", written.header().toString());
    if (written.picture() != null) {
      node.put("picture", written.picture().toString());
    }
    addLabels(node.putArray("measured"), made.measured());
    addLabels(node.putArray("derived"), made.derived());
    addLabels(node.putArray("reconstructed"), made.reconstructed());
    ArrayNode warnings = node.putArray("warnings");
    made.warnings().forEach(warnings::add);
    return node;
  }

  private static String labels(Set<Lead> leads) {
    return leads.isEmpty() ? "nothing" : Lead.names(leads);
  }

  private static void addLabels(ArrayNode array, Set<Lead> leads) {
    new TreeSet<>(leads).forEach(lead -> array.add(lead.label()));
  }
}
