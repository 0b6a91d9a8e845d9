// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.data.Wfdb;
import org.precordia.synth.SyntheticCohort;

/** The networks to compare with, the whole way: training, evaluation, reconstruction. */
class ArchitectureCommandTest {
  @TempDir static Path folder;
  private static Path shard;

  @BeforeAll
  static void prepare() {
    shard = folder.resolve("cohort.shard");
    ok("prepare", "--synthetic", "30", "--out", shard.toString());
  }

  private static String[] train(Path run, String... more) {
    List<String> command =
        new ArrayList<>(List.of("train", "--data", shard.toString(), "--out", run.toString()));
    command.addAll(List.of("--max-steps", "2", "--set", "stages.0.sampler.windows=8"));
    command.addAll(List.of("--backend", "cpu"));
    command.addAll(List.of(more));
    return command.toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unet", "lstm-unet"})
  void aNetworkToCompareWithGoesTheWholeWay(String architecture) throws Exception {
    Path run = folder.resolve(architecture);
    ok(train(run, "--architecture", architecture));

    Path table = run.resolve("evaluation.json");
    List<String> evaluate = new ArrayList<>(List.of("evaluate", "--run", run.toString()));
    evaluate.addAll(List.of("--member", run.toString()));
    evaluate.addAll(List.of("--data", shard.toString(), "--fold", "all"));
    evaluate.addAll(List.of("--backend", "cpu", "--json", table.toString()));
    ok(evaluate.toArray(String[]::new));
    JsonNode rows = new ObjectMapper().readTree(table.toFile()).get("rows");
    assertTrue(rmse(rows, 3) < rmse(rows, 0), "the network is no better than the mean");
    assertEquals("ensemble", rows.get(2).get("name").asText());
    assertEquals(rmse(rows, 3), rmse(rows, 2), 1e-6, "an ensemble of twins is none");

    Recording twelve = new SyntheticCohort(1, 77).read(0).withName("whole");
    Path record = Wfdb.write(twelve, run.resolve("records"));
    List<String> reconstruct = new ArrayList<>(List.of("reconstruct", "--model", run.toString()));
    reconstruct.addAll(List.of("--backend", "cpu", "--inputs-only", "--json", "--out"));
    reconstruct.addAll(List.of(run.resolve("out").toString(), record.toString()));
    JsonNode json = new ObjectMapper().readTree(ok(reconstruct.toArray(String[]::new)).out());
    assertEquals(Lead.TWELVE, Wfdb.read(Path.of(json.get(0).get("header").asText())).leads());
  }

  private static double rmse(JsonNode rows, int row) {
    return rows.get(row).get("mean").get("rmse_window").asDouble();
  }

  @Test
  void whatAUNetCannotDoIsNamed() {
    CommandResult unknown = execute(train(folder.resolve("x"), "--architecture", "resnet"));
    assertEquals(ExitCode.USAGE, unknown.code());
    assertTrue(unknown.err().contains("choose dilated, unet or lstm-unet"), unknown.err());

    CommandResult control = execute(train(folder.resolve("y"), "--architecture", "unet", "--no-h"));
    assertEquals(ExitCode.USAGE, control.code());
    assertTrue(control.err().contains("leave --no-h out"), control.err());

    CommandResult bf16 =
        execute(train(folder.resolve("z"), "--architecture", "unet", "--precision", "bf16"));
    assertTrue(bf16.code() != ExitCode.OK);
    assertTrue(bf16.err().contains("--precision fp32"), bf16.err());
  }
}
