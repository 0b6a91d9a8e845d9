// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.data.Wfdb;
import org.precordia.report.html.PageCheck;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Devices;
import org.precordia.runtime.PrecordiaException;

/** The command from the outside: a short way through everything, and what it says to bad input. */
class CommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static Path shard;
  private static Path run;

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
    Path report = folder.resolve("report.html");
    CommandResult result =
        ok(
            "evaluate",
            "--run",
            run.toString(),
            "--data",
            shard.toString(),
            "--fold",
            "all",
            "--json",
            file.toString(),
            "--report",
            report.toString());
    JsonNode json = JSON.readTree(file.toFile());
    PageCheck.check(Files.readString(report));
    assertEquals("mV", json.get("unit").asText());
    assertEquals("synthetic", json.get("dataset").asText());
    assertEquals(60, json.get("n_patients").asInt());
    assertEquals(60 * 13, json.get("n_windows").asInt());
    List<String> names =
        json.get("rows").valueStream().map(row -> row.get("name").asText()).toList();
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
    CommandResult result =
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
  void aTableIsCompletedLikeTheRecordItWasMadeFrom() throws Exception {
    Path records = folder.resolve("tables");
    ok("synthesize", "--patients", "1", "--out", records.toString());
    Path record = firstRecord(records);
    ok("convert", "--to", "csv", "--out", records.toString(), record.toString());
    String name = record.getFileName().toString().replace(".hea", "");
    Path table = Files.move(records.resolve(name + ".csv"), records.resolve("some table.csv"));
    Path out = folder.resolve("tables-out");
    ok(
        "reconstruct",
        "--model",
        run.toString(),
        "--inputs-only",
        "--no-picture",
        "--out",
        out.toString(),
        table.toString(),
        record.toString());
    assertArrayEquals(
        Wfdb.read(out.resolve(name)).millivolts(),
        Wfdb.read(out.resolve("some_table")).millivolts());
  }

  @Test
  void oneBadRecordDoesNotCostTheOthers() throws Exception {
    Path records = folder.resolve("some");
    ok("synthesize", "--patients", "1", "--out", records.toString());
    Path good = firstRecord(records);
    CommandResult result =
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
    CommandResult result =
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
    CommandResult result =
        execute("evaluate", "--run", run.toString(), "--data", shard.toString(), "--fold", "0");
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(result.err().contains("fold 0") && result.err().contains("10"), result.err());
  }

  @Test
  void aShardOfAnotherPresetIsRefusedWithTheCommandToRun() throws Exception {
    Path paper = folder.resolve("paper.shard");
    ok("prepare", "--synthetic", "20", "--preprocessing", "paper", "--out", paper.toString());
    CommandResult train =
        execute("train", "--data", paper.toString(), "--out", folder.resolve("x").toString());
    assertEquals(ExitCode.DATA, train.code());
    assertTrue(train.err().contains("--preprocessing default"), train.err());
    CommandResult evaluate =
        execute("evaluate", "--run", run.toString(), "--data", paper.toString());
    assertEquals(ExitCode.DATA, evaluate.code());
    assertTrue(evaluate.err().contains("--preprocessing default"), evaluate.err());
  }

  @Test
  void aDamagedModelIsNamed() throws Exception {
    Path bad = folder.resolve("bad.safetensors");
    byte[] bytes = Files.readAllBytes(run.resolve("model.safetensors"));
    Files.write(bad, Arrays.copyOf(bytes, bytes.length / 2));
    CommandResult result =
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
    CommandResult result = execute("train", "--data", shard.toString(), "--out", run.toString());
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(result.err().contains("--resume"), result.err());
  }

  @Test
  void aBudgetOfMemoryThatIsTooSmallSaysWhatDoesNotFitAndWhatHelps() {
    CommandResult result =
        execute(
            "train",
            "--data",
            shard.toString(),
            "--out",
            folder.resolve("budget").toString(),
            "--backend",
            "cpu",
            "--memory-limit",
            "20MiB");
    assertEquals(ExitCode.DEVICE, result.code());
    String said = result.err();
    assertTrue(said.contains("no room for") && said.contains("in use"), said);
    assertTrue(said.contains("memory_limit 20.0 MiB"), said);
    assertTrue(said.contains("--accumulate") && said.contains("--data-on host"), said);
    CommandResult usage = execute("train", "--data", "x", "--out", "y", "--memory-limit", "much");
    assertEquals(ExitCode.USAGE, usage.code());
    assertTrue(usage.err().contains("8GiB"), usage.err());
  }

  @Test
  void anEvaluationDoesNotDependOnWhereTheDataLie() throws Exception {
    List<JsonNode> rows = new ArrayList<>();
    for (String placement : List.of("device", "host")) {
      Path file = folder.resolve("evaluation-" + placement + ".json");
      ok(
          "evaluate",
          "--run",
          run.toString(),
          "--data",
          shard.toString(),
          "--data-on",
          placement,
          "--backend",
          "cpu",
          "--json",
          file.toString());
      rows.add(JSON.readTree(file.toFile()).get("rows"));
    }
    assertEquals(rows.getFirst(), rows.getLast());
  }

  @Test
  void aFolderOfFilesIsVerifiedTrainedOnAndEvaluated() throws Exception {
    Path data = folder.resolve("parts");
    Path out = folder.resolve("parts-run");
    ok("prepare", "--synthetic", "150", "--out", data.toString(), "--shard-size", "1MiB");
    JsonNode whole = JSON.readTree(ok("verify", data.toString(), "--json").out());
    assertEquals(150, whole.get("records").asInt());
    assertEquals(3, whole.get("files").asInt());
    CommandResult trained =
        ok(
            "train",
            "--data",
            data.toString(),
            "--out",
            out.toString(),
            "--max-steps",
            "2",
            "--order",
            "blocks",
            "--backend",
            "cpu");
    assertTrue(trained.err().contains("in shuffled blocks of 4 MiB"), trained.err());
    JsonNode config = JSON.readTree(out.resolve("config.json").toFile());
    assertEquals("BLOCKS", config.get("options").get("order").asText());
    ok("evaluate", "--run", out.toString(), "--data", data.toString(), "--backend", "cpu");
    Path part = data.resolve("part-00001.shard");
    byte[] content = Files.readAllBytes(part);
    content[10_000] ^= 1;
    Files.write(part, content);
    CommandResult damaged = execute("verify", data.toString());
    assertEquals(ExitCode.DATA, damaged.code());
    assertTrue(damaged.err().contains("part-00001.shard"), damaged.err());
  }

  @Test
  void usageErrorsHaveTheirOwnCode() {
    assertEquals(
        ExitCode.USAGE,
        execute("prepare", "--synthetic", "2", "--out", "x", "--shard-size", "1KiB").code());
    assertEquals(ExitCode.USAGE, execute("prepare", "--out", "x").code());
    assertEquals(ExitCode.USAGE, execute("train", "--out", "x").code());
    assertEquals(ExitCode.USAGE, execute("train", "--inputs", "I,Q7", "--out", "x").code());
    assertEquals(ExitCode.USAGE, execute("nonsense").code());
    assertEquals(ExitCode.DATA, execute("train", "--data", "none", "--out", "y").code());
  }

  @Test
  void doctorSaysWhatCanBeUsedAsJsonToo() throws Exception {
    CommandResult result = ok("doctor", "--json");
    JsonNode json = JSON.readTree(result.out());
    assertTrue(json.get("cpu").asText().endsWith("works"), json.toString());
    assertEquals("ready", json.get("verdict").asText());
    assertTrue(json.has("cuda"));
    assertTrue(json.get("build").asText().contains("cuda-plug-in: "), json.toString());
  }

  @Test
  void withoutADeviceCudaEndsTheCommandAndAutoGoesOnAndBothSayWhatIsMissing() {
    String missing = "";
    try {
      Devices.list(Backend.CUDA);
    } catch (PrecordiaException e) {
      missing = e.getMessage();
    }
    assumeFalse(missing.isEmpty(), "this machine has a CUDA device");
    for (String[] command :
        List.of(
            new String[] {
              "train", "--data", shard.toString(), "--out", "unused", "--precision", "bf16"
            },
            new String[] {"evaluate", "--data", shard.toString(), "--run", run.toString()},
            new String[] {"reconstruct", "--out", "unused", "unused"})) {
      CommandResult cuda = execute(with(command, "--backend", "cuda", "--device", "0"));
      assertEquals(ExitCode.DEVICE, cuda.code());
      assertEquals("precordia: " + missing, cuda.err().strip());
    }
    CommandResult auto = ok("evaluate", "--data", shard.toString(), "--run", run.toString());
    List<String> why = auto.err().lines().filter(line -> line.contains("because CUDA")).toList();
    assertEquals(1, why.size(), auto.err());
    assertTrue(why.getFirst().startsWith("backend  cpu: "), why.getFirst());
    assertTrue(why.getFirst().endsWith(missing), why.getFirst());
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
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
}
