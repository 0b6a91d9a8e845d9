// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.Recording;
import org.precordia.data.Wfdb;
import org.precordia.synth.SyntheticCohort;

/** Other leads than I, II and V2, the whole way: training, evaluation, reconstruction. */
class LeadSetsCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MICROVOLT = 1e-3;

  @TempDir static Path folder;
  private static Path shard;

  @BeforeAll
  static void prepare() {
    shard = folder.resolve("cohort.shard");
    ok("prepare", "--synthetic", "30", "--out", shard.toString());
  }

  private static List<Lead> leads(String names) {
    return Arrays.stream(names.split(" ")).map(name -> Lead.parse(name).orElseThrow()).toList();
  }

  private static String option(List<Lead> leads) {
    return String.join(",", leads.stream().map(Lead::label).toList());
  }

  private static Path train(String name, List<Lead> inputs, String... more) {
    Path run = folder.resolve(name);
    List<String> command =
        new ArrayList<>(
            List.of(
                "train", "--data", shard.toString(), "--out", run.toString(), "--max-steps", "2"));
    command.addAll(List.of("--set", "stages.0.sampler.windows=8", "--backend", "cpu"));
    command.addAll(List.of("--inputs", option(inputs)));
    command.addAll(List.of(more));
    ok(command.toArray(String[]::new));
    return run;
  }

  /** Inputs, what is learned from them, and which leads of the result are measured. */
  @ParameterizedTest
  @CsvSource({
    "II V1 V5,                               I V2 V3 V4 V6",
    "III aVF V2,                             V1 V3 V4 V5 V6",
    "I,                                      II V1 V2 V3 V4 V5 V6",
    "V1 V2,                                  I II V3 V4 V5 V6",
    "aVR V4,                                 I V1 V2 V3 V5 V6",
    "V3 aVL,                                 II V1 V2 V4 V5 V6",
    "I II III aVR aVL aVF V1 V2 V4 V5 V6,    V3",
    "II V1 V2 V3 V4 V5 V6,                   I"
  })
  void anySetGoesTheWholeWay(String recorded, String learned) throws Exception {
    List<Lead> inputs = leads(recorded);
    List<Lead> targets = leads(learned);
    Path run = train(recorded.replace(' ', '-'), inputs);

    Path table = run.resolve("evaluation.json");
    ok(
        "evaluate",
        "--run",
        run.toString(),
        "--data",
        shard.toString(),
        "--fold",
        "all",
        "--json",
        table.toString());
    JsonNode evaluation = JSON.readTree(table.toFile());
    assertEquals(names(inputs), names(evaluation.get("inputs")));
    assertEquals(names(targets), names(evaluation.get("targets")));
    for (JsonNode row : evaluation.get("rows")) {
      assertEquals(targets.size(), row.get("leads").size(), row.get("name").asText());
      assertTrue(Double.isFinite(row.get("mean").get("rmse_window").asDouble()));
    }
    double mean = rmse(evaluation, 0);
    assertTrue(rmse(evaluation, 1) < mean, "ridge is no better than the mean");
    assertTrue(rmse(evaluation, 2) < mean, "the model is no better than the mean");

    Recording twelve = new SyntheticCohort(1, 77).read(0).withName("whole");
    Path records = run.resolve("records");
    Path whole = Wfdb.write(twelve, records);
    Path few = Wfdb.write(LimbLeads.select(twelve, inputs, false).withName("few"), records);
    JsonNode json =
        JSON.readTree(
            ok(
                    "reconstruct",
                    "--model",
                    run.toString(),
                    "--inputs-only",
                    "--json",
                    "--out",
                    run.resolve("out").toString(),
                    whole.toString(),
                    few.toString())
                .out());
    Recording made = Wfdb.read(Path.of(json.get(0).get("header").asText()));
    assertEquals(Lead.TWELVE, made.leads());
    for (Lead lead : inputs) {
      assertArrayEquals(twelve.signal(lead), made.signal(lead), 0.6e-3f, lead + " was measured");
    }
    assertLimbLeadsAgree(made);
    assertSources(json.get(0), inputs, targets);
    assertArrayEquals(
        made.millivolts(),
        Wfdb.read(Path.of(json.get(1).get("header").asText())).millivolts(),
        "leads that are set aside change nothing");
  }

  private static List<String> names(Iterable<?> leads) {
    List<String> names = new ArrayList<>();
    leads.forEach(lead -> names.add(lead instanceof JsonNode n ? n.asText() : lead.toString()));
    return names;
  }

  private static double rmse(JsonNode evaluation, int row) {
    return evaluation.get("rows").get(row).get("mean").get("rmse_window").asDouble();
  }

  /** Whatever is measured and whatever made, Einthoven's and Goldberger's relations hold. */
  private static void assertLimbLeadsAgree(Recording made) {
    for (Lead lead : List.of(Lead.III, Lead.AVR, Lead.AVL, Lead.AVF)) {
      float[] expected = LimbLeads.derive(lead, made.signal(Lead.I), made.signal(Lead.II));
      // Each of the three is rounded to the record's microvolt, and aVL may double I's rounding.
      assertArrayEquals(expected, made.signal(lead), (float) (2.5 * MICROVOLT), lead.toString());
    }
  }

  private static void assertSources(JsonNode json, List<Lead> inputs, List<Lead> targets) {
    List<Lead> limb = inputs.stream().filter(LimbLeads::isLimb).toList();
    boolean derivable = limb.size() >= 2;
    assertEquals(names(inputs.stream().sorted().toList()), names(json.get("measured")));
    List<Lead> others =
        Lead.TWELVE.stream().filter(LimbLeads::isLimb).filter(l -> !inputs.contains(l)).toList();
    assertEquals(names(derivable ? others : List.of()), names(json.get("derived")));
    List<Lead> made = new ArrayList<>(targets);
    if (!derivable) {
      others.stream().filter(lead -> !made.contains(lead)).forEach(made::add);
    }
    assertEquals(names(made.stream().sorted().toList()), names(json.get("reconstructed")));
  }

  @Test
  void whatAModelDoesNotReconstructIsNamed() throws Exception {
    Path run = train("one-target", leads("II V2"), "--targets", "V5");
    Recording twelve = new SyntheticCohort(1, 78).read(0).withName("twelve");
    Path record = Wfdb.write(twelve, folder.resolve("one-target-records"));
    CommandResult result =
        ok(
            "reconstruct",
            "--model",
            run.toString(),
            "--inputs-only",
            "--json",
            "--out",
            folder.resolve("one-target-out").toString(),
            record.toString());
    JsonNode json = JSON.readTree(result.out()).get(0);
    assertEquals(List.of("V5"), names(json.get("reconstructed")));
    assertEquals(leads("II V2 V5"), Wfdb.read(Path.of(json.get("header").asText())).leads());
    assertTrue(result.err().contains("lead aVF is missing"), result.err());
  }

  @Test
  void aRecordWithoutAnInputSaysWhichAndWhatHelps() throws Exception {
    Path run = train("needs-two", leads("II V5"));
    Recording twelve = new SyntheticCohort(1, 79).read(0).withName("lacking");
    Path record =
        Wfdb.write(LimbLeads.select(twelve, leads("I V5"), false), folder.resolve("lacking"));
    CommandResult result =
        execute(
            "reconstruct",
            "--model",
            run.toString(),
            "--out",
            folder.resolve("lacking-out").toString(),
            record.toString());
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(
        result.err().contains("lacks II (it has I, V5); this model reconstructs from II, V5"),
        result.err());
    assertTrue(result.err().contains("train --inputs"), result.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6 |             | nothing is left to reconstruct",
        "I,II,V2                              | III         | --targets: III is computed",
        "II,V2                                | aVF         | name I, II or both",
        "III,aVF                              | I,V1        | I follows from the inputs III, aVF",
        "aVR                                  | I,II        | one of I and II determines",
        "II,V2                                | V2          | V2 is both an input and a target",
        "I,I,V2                               |             | --inputs names a lead twice",
        "I,II,V2                              | V5,V5       | --targets names a lead twice",
        "vx,vy,vz                             |             | none of the twelve",
        "I,II                                 | vx          | vx is no standard lead"
      })
  void whatCannotBeIsAUsageErrorWithTheOptionAndTheRemedy(
      String inputs, String targets, String sentence) {
    List<String> command =
        new ArrayList<>(
            List.of("train", "--data", shard.toString(), "--out", "unused", "--inputs", inputs));
    if (targets != null) {
      command.addAll(List.of("--targets", targets));
    }
    CommandResult result = execute(command.toArray(String[]::new));
    assertEquals(ExitCode.USAGE, result.code(), result.err());
    assertTrue(result.err().contains(sentence), result.err());
  }
}
