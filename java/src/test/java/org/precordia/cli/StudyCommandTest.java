// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.report.html.PageCheck;

/** {@code precordia study} from the outside. */
class StudyCommandTest {
  @TempDir static Path folder;
  private static Path shard;
  private static Path study;
  private static CommandResult result;

  @BeforeAll
  static void studyOnce() throws Exception {
    shard = folder.resolve("cohort.shard");
    study = folder.resolve("study");
    ok("prepare", "--synthetic", "40", "--out", shard.toString());
    result = ok(arguments("--json", "--max-steps", "1"));
  }

  private static String[] arguments(String... more) {
    List<String> all =
        new ArrayList<>(List.of("study", "--data", shard.toString(), "--out", study.toString()));
    all.addAll(List.of("--rows", "ridge,no-h,model", "--seeds", "1", "--curve", "50,100"));
    all.addAll(List.of("--fold", "all", "--backend", "cpu"));
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }

  @Test
  void theResultIsOneDocumentAndInTheFolder() throws Exception {
    JsonNode json = new ObjectMapper().readTree(result.out());
    JsonNode file = new ObjectMapper().readTree(study.resolve("fold-all/study.json").toFile());
    assertEquals(json, file);
    assertEquals(
        List.of("ridge", "no-h", "model"),
        json.get("rows").valueStream().map(row -> row.get("name").asText()).toList());
    assertEquals("no-h", json.at("/controls/0/control").asText());
    assertEquals(50, json.at("/curve/0/percent").asInt());
    assertEquals(1, json.get("looks").asInt());
  }

  @Test
  void thePageIsWholeAndHasTheRows() throws Exception {
    String page = Files.readString(study.resolve("fold-all/report.html"));
    PageCheck.check(page);
    assertTrue(page.contains("Against the controls"));
    assertTrue(page.contains("Learning curve"));
  }

  @Test
  void progressAndTableAreOnStandardError() {
    assertTrue(result.err().contains("0 of 3 runs done; now no-h, seed 1"));
    assertTrue(result.err().contains("2 of 3 runs done, about"));
    assertTrue(result.err().contains("patients better"));
    assertTrue(result.err().contains("Clinical measures"));
  }

  @Test
  void otherOptionsAreRefusedWithTheRemedy() {
    CommandResult other = execute(arguments("--max-steps", "2"));
    assertEquals(ExitCode.DATA, other.code());
    assertTrue(other.err().contains("options.maxSteps is 1 there and 2 here"));
  }

  @Test
  void unknownNamesAreRefusedWithThoseThereAre() {
    CommandResult other =
        execute("study", "--data", shard.toString(), "--out", "x", "--rows", "modle");
    assertEquals(ExitCode.DATA, other.code());
    assertTrue(other.err().contains("frozen-shuffled"));
  }
}
