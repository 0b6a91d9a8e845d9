// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.data.Wfdb;

/** The command from the outside: a short way through everything, and what it says to bad input. */
class CommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static Path shard;
  private static Path run;

  /** What a command printed, and its exit code. */
  private record Result(int code, String out, String err) {}

  @BeforeAll
  static void prepareAndTrain() throws Exception {
    shard = folder.resolve("cohort.shard");
    run = folder.resolve("run");
    ok("prepare", "--synthetic", "60", "--out", shard.toString());
    ok(
        "train",
        "--data",
        shard.toString(),
        "--out",
        run.toString(),
        "--max-steps",
        "3",
        "--no-h",
        "--backend",
        "cpu");
  }

  @Test
  void aRunHoldsModelMetricsAndRows() throws Exception {
    for (String file :
        List.of(
            "model.safetensors",
            "config.json",
            "rows/mean.safetensors",
            "rows/ridge.safetensors",
            "rows/no-h.safetensors")) {
      assertTrue(Files.size(run.resolve(file)) > 0, file);
    }
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    assertEquals(3, lines.size());
    JsonNode last = JSON.readTree(lines.getLast());
    assertEquals(3, last.get("step").asInt());
    assertTrue(Double.isFinite(last.get("loss").asDouble()));
  }

  @Test
  void anEvaluationHasAllRowsInTableAndJson() throws Exception {
    Path file = folder.resolve("evaluation.json");
    Result result =
        ok(
            "evaluate",
            "--run",
            run.toString(),
            "--data",
            shard.toString(),
            "--fold",
            "all",
            "--json",
            file.toString());
    JsonNode json = JSON.readTree(file.toFile());
    assertEquals("mV", json.get("unit").asText());
    assertEquals("synthetic", json.get("dataset").asText());
    assertEquals(60, json.get("n_patients").asInt());
    assertEquals(60 * 13, json.get("n_windows").asInt());
    List<String> names = json.findValuesAsText("name");
    assertEquals(List.of("mean", "ridge", "no-h", "model"), names);
    for (String name : names) {
      assertTrue(result.out().contains(name), name);
    }
    JsonNode ridge = json.get("rows").get(1);
    assertEquals(20, ridge.get("parameters").asInt());
    assertTrue(ridge.get("mean").get("pearson").asDouble() > 0.5);
    assertTrue(ridge.get("leads").has("V6"));
    assertEquals(2, ridge.get("mean").get("ci").get("rmse_window").size());
    assertTrue(json.get("rows").get(0).get("mean").get("pearson").isNull());
    assertFalse(Files.readAllLines(run.resolve("evaluations.jsonl")).isEmpty());
  }

  @Test
  void bf16GoesTheWholeWayOnTheCpu() throws Exception {
    Path half = folder.resolve("bf16");
    ok(
        "train",
        "--data",
        shard.toString(),
        "--out",
        half.toString(),
        "--max-steps",
        "3",
        "--backend",
        "cpu",
        "--precision",
        "bf16");
    List<String> single = Files.readAllLines(run.resolve("metrics.jsonl"));
    List<String> lines = Files.readAllLines(half.resolve("metrics.jsonl"));
    boolean rounded = false;
    for (int i = 0; i < 3; i++) {
      double expected = JSON.readTree(single.get(i)).get("loss").asDouble();
      double loss = JSON.readTree(lines.get(i)).get("loss").asDouble();
      assertEquals(expected, loss, 0.02 * expected);
      rounded |= loss != expected;
    }
    assertTrue(rounded, "the activations were not rounded");
    String table =
        ok(
                "evaluate",
                "--run",
                half.toString(),
                "--data",
                shard.toString(),
                "--fold",
                "all",
                "--backend",
                "cpu",
                "--precision",
                "bf16")
            .out();
    assertTrue(table.contains("model"), table);
    Path records = folder.resolve("bf16-records");
    ok("synthesize", "--patients", "1", "--out", records.toString());
    ok(
        "reconstruct",
        "--model",
        half.toString(),
        "--backend",
        "cpu",
        "--precision",
        "bf16",
        "--no-picture",
        "--out",
        folder.resolve("bf16-out").toString(),
        firstRecord(records).toString());
  }

  @Test
  void aRecordIsCompletedWithPicture() throws Exception {
    Path records = folder.resolve("records");
    ok("synthesize", "--patients", "2", "--rate", "250", "--out", records.toString());
    Path record = firstRecord(records);
    Path out = folder.resolve("completed");
    Result result =
        ok(
            "reconstruct",
            "--model",
            run.toString(),
            "--inputs-only",
            "--json",
            "--out",
            out.toString(),
            record.toString());
    JsonNode json = JSON.readTree(result.out()).get(0);
    assertEquals(5, json.get("reconstructed").size());
    Recording twelve = Wfdb.read(Path.of(json.get("header").asText()));
    assertEquals(Lead.TWELVE, twelve.leads());
    assertEquals(250, twelve.rate());
    assertTrue(Files.readString(Path.of(json.get("picture").asText())).startsWith("<"));
    Recording original = Wfdb.read(record);
    assertEquals(original.signal(Lead.II)[77], twelve.signal(Lead.II)[77], 1e-6);
    assertTrue(twelve.comments().stream().anyMatch(c -> c.contains("not for diagnosis")));
  }

  @Test
  void oneBadRecordDoesNotCostTheOthers() throws Exception {
    Path records = folder.resolve("some");
    ok("synthesize", "--patients", "1", "--out", records.toString());
    Path good = firstRecord(records);
    Result result =
        execute(
            "reconstruct",
            "--model",
            run.toString(),
            "--out",
            folder.resolve("some-out").toString(),
            folder.resolve("nowhere").toString(),
            good.toString());
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(result.err().contains("nowhere"), result.err());
    assertTrue(result.out().contains(good.getFileName().toString().replace(".hea", "")));
  }

  @Test
  void aMissingLeadIsNamed() throws Exception {
    Path records = folder.resolve("two-leads");
    Recording two =
        new Recording(
            "two",
            100,
            List.of(Lead.I, Lead.II),
            new float[][] {new float[500], new float[500]},
            List.of());
    Wfdb.write(two, records);
    Result result =
        execute(
            "reconstruct",
            "--model",
            run.toString(),
            "--out",
            records.toString(),
            records.resolve("two").toString());
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(result.err().contains("V2"), result.err());
  }

  @Test
  void anEmptyFoldIsNamedWithThoseThereAre() {
    Result result =
        execute("evaluate", "--run", run.toString(), "--data", shard.toString(), "--fold", "0");
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(result.err().contains("fold 0") && result.err().contains("10"), result.err());
  }

  @Test
  void aShardOfAnotherPresetIsRefusedWithTheCommandToRun() throws Exception {
    Path paper = folder.resolve("paper.shard");
    ok("prepare", "--synthetic", "20", "--preprocessing", "paper", "--out", paper.toString());
    Result train =
        execute("train", "--data", paper.toString(), "--out", folder.resolve("x").toString());
    assertEquals(ExitCode.DATA, train.code());
    assertTrue(train.err().contains("--preprocessing default"), train.err());
    Result evaluate = execute("evaluate", "--run", run.toString(), "--data", paper.toString());
    assertEquals(ExitCode.DATA, evaluate.code());
    assertTrue(evaluate.err().contains("--preprocessing default"), evaluate.err());
  }

  @Test
  void aDamagedModelIsNamed() throws Exception {
    Path bad = folder.resolve("bad.safetensors");
    byte[] bytes = Files.readAllBytes(run.resolve("model.safetensors"));
    Files.write(bad, Arrays.copyOf(bytes, bytes.length / 2));
    Result result =
        execute(
            "reconstruct",
            "--model",
            bad.toString(),
            "--out",
            folder.toString(),
            folder.resolve("any").toString());
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(result.err().contains("bad.safetensors"), result.err());
  }

  @Test
  void aRunIsNotOverwritten() {
    Result result = execute("train", "--data", shard.toString(), "--out", run.toString());
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(result.err().contains("--resume"), result.err());
  }

  @Test
  void usageErrorsHaveTheirOwnCode() {
    assertEquals(ExitCode.USAGE, execute("prepare", "--out", "x").code());
    assertEquals(ExitCode.USAGE, execute("train", "--out", "x").code());
    assertEquals(ExitCode.USAGE, execute("train", "--inputs", "I,Q7", "--out", "x").code());
    assertEquals(ExitCode.USAGE, execute("nonsense").code());
    assertEquals(ExitCode.DATA, execute("train", "--data", "none", "--out", "y").code());
  }

  @Test
  void doctorSaysWhatCanBeUsedAsJsonToo() throws Exception {
    Result result = ok("doctor", "--json");
    JsonNode json = JSON.readTree(result.out());
    assertTrue(json.get("cpu").asText().endsWith("works"), json.toString());
    assertEquals("ready", json.get("verdict").asText());
    assertTrue(json.has("cuda"));
  }

  @Test
  void completionIsGenerated() {
    assertTrue(ok("generate-completion").out().contains("reconstruct"));
  }

  private static Path firstRecord(Path records) throws Exception {
    try (var files = Files.list(records)) {
      return files.filter(f -> f.toString().endsWith(".hea")).sorted().findFirst().orElseThrow();
    }
  }

  private static Result ok(String... arguments) {
    Result result = execute(arguments);
    assertEquals(ExitCode.OK, result.code(), result.err());
    return result;
  }

  /** Runs a command with both streams caught. */
  private static Result execute(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (PrintStream newOut = new PrintStream(printed, true, StandardCharsets.UTF_8);
        PrintStream newErr = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      System.setOut(newOut);
      System.setErr(newErr);
      int code = Main.run(arguments);
      return new Result(
          code, printed.toString(StandardCharsets.UTF_8), said.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
