// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.precordia.data.AtomicFile;
import org.precordia.data.Subject;
import org.precordia.data.Wfdb;
import org.precordia.synth.Fiducials;
import org.precordia.synth.SyntheticCohort;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code precordia synthesize}: a synthetic cohort as WFDB records and a table. */
@Command(
    name = "synthesize",
    description =
        "Writes a synthetic cohort as WFDB records with a table of patients, folds, labels and"
            + " fiducial points.")
final class SynthesizeCommand implements Callable<Integer> {
  @Mixin JsonOption json;

  @Option(
      names = "--patients",
      defaultValue = "10",
      paramLabel = "N",
      description = "Number of patients. Default: 10")
  int patients;

  @Option(
      names = "--records",
      defaultValue = "1",
      paramLabel = "N",
      description = "Recordings of each patient. Default: 1")
  int records;

  @Option(names = "--rate", defaultValue = "500", paramLabel = "HZ", description = "Default: 500")
  double rate;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      paramLabel = "S",
      description = "Length of a recording. Default: 10")
  double seconds;

  @Option(
      names = "--noise",
      defaultValue = "1",
      paramLabel = "F",
      description = "Factor on noise and baseline wander. Default: 1")
  double noise;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "The same seed gives the same cohort on any machine. Default: 1")
  long seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the records and cohort.csv.")
  Path out;

  @Override
  public Integer call() throws IOException {
    Output output = json.output();
    SyntheticCohort cohort =
        new SyntheticCohort(
            new SyntheticCohort.Options(patients, records, rate, seconds, noise, seed));
    List<String> table = new ArrayList<>();
    table.add("record,patient,fold,labels,r_peak_s,qrs_onset_s,j_point_s,t_peak_s,t_end_s");
    try (Meter meter = new Meter(output, "synthesize", "records", cohort.size())) {
      for (int i = 0; i < cohort.size(); i++) {
        Wfdb.write(cohort.read(i), out);
        table.add(row(cohort, i));
        meter.at(i + 1);
      }
    }
    Path file = out.resolve("cohort.csv");
    AtomicFile.write(file, String.join("\n", table) + "\n");
    output.result("%s  %d records of %d patients".formatted(file, cohort.size(), patients));
    ObjectNode result = new ObjectMapper().createObjectNode();
    result.put("table", file.toString()).put("records", cohort.size()).put("patients", patients);
    output.result(result);
    return ExitCode.OK;
  }

  private static String row(SyntheticCohort cohort, int index) {
    Subject subject = cohort.subject(index);
    Fiducials fiducials = cohort.fiducials(index);
    return String.join(
        ",",
        cohort.id(index),
        subject.patient(),
        Integer.toString(subject.fold()),
        String.join(";", subject.codes().keySet().stream().sorted().toList()),
        seconds(fiducials.rPeak()),
        seconds(fiducials.qrsOnset()),
        seconds(fiducials.jPoint()),
        seconds(fiducials.tPeak()),
        seconds(fiducials.tEnd()));
  }

  private static String seconds(double[] moments) {
    return Arrays.stream(moments)
        .mapToObj(moment -> String.format(Locale.ROOT, "%.4f", moment))
        .collect(Collectors.joining(" "));
  }
}
