// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.ResultFile;

/** {@code precordia bench} from the outside, at sizes of no interest. */
class BenchCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TINY = "B=2;L=16;C=8;N=4";

  @TempDir Path folder;

  @Test
  void kernelsMeasuresEveryOpAgainstCeilings() throws Exception {
    Path file = folder.resolve("kernels.jsonl");
    CommandResult result =
        ok(
            "bench",
            "kernels",
            "--backend",
            "cpu",
            "--shapes",
            TINY,
            "--time-budget",
            "1",
            "--out",
            file.toString());
    ResultFile results = ResultFile.read(file);
    JsonNode environment = results.environments().getFirst();
    assertEquals(2, environment.get("schema_version").asInt());
    assertTrue(environment.get("command").asText().contains("bench kernels"));
    assertTrue(environment.get("library").hasNonNull("compiler"));
    Set<String> measured = new TreeSet<>();
    Set<String> unsupported = new TreeSet<>();
    for (Measurement line : results.measurements()) {
      String name = line.id().subject() + " " + line.id().precision() + " " + line.id().cache();
      (line.measured() ? measured : unsupported).add(name);
      if (line.measured() && !line.id().isCeiling()) {
        assertTrue(line.medianMs() > 0 && line.number("percent_of_ceiling") > 0, name);
      }
    }
    for (String op :
        List.of(
            "stem forward",
            "stem backward",
            "dilated_stack inference",
            "dilated_stack forward",
            "dilated_stack backward",
            "pool_project forward",
            "pool_project backward",
            "film forward",
            "film backward",
            "head forward",
            "head backward",
            "supcon forward",
            "supcon backward",
            "pack",
            "fill",
            "cast",
            "copy")) {
      for (String precision : List.of("fp32", "bf16")) {
        assertTrue(measured.contains(op + " " + precision + " warm"), op);
        assertTrue(measured.contains(op + " " + precision + " cold"), op);
      }
      assertTrue(result.out().contains(op), op);
    }
    for (String op :
        List.of(
            "reconstruction_loss",
            "classifier forward",
            "classifier backward",
            "ridge",
            "gather_augment",
            "adamw",
            "step_begin",
            "metrics")) {
      assertTrue(measured.contains(op + " fp32 cold"), op);
      assertTrue(unsupported.contains(op + " bf16 warm"), op);
    }
    assertTrue(result.out().contains("ceiling copy"), result.out());
  }

  @Test
  void roundsAreThoseAskedForAndTheTraceHasTheOps() throws Exception {
    Path file = folder.resolve("copies.jsonl");
    Path trace = folder.resolve("trace.json");
    ok(
        "bench",
        "kernels",
        "--backend",
        "cpu",
        "--shapes",
        TINY,
        "--time-budget",
        "600",
        "--filter",
        "^kernels, copy.*fp32",
        "--rounds",
        "2",
        "--out",
        file.toString(),
        "--profile",
        trace.toString());
    for (Measurement line : ResultFile.read(file).measurements()) {
      assertEquals(2, line.rounds().length, line.toString());
    }
    assertTrue(Files.readString(trace).contains("\"copy\""));
  }

  @Test
  void theFilterChoosesAndAnEmptyChoiceIsRefused() throws Exception {
    CommandResult result =
        ok(
            "bench",
            "kernels",
            "--backend",
            "cpu",
            "--shapes",
            TINY,
            "--time-budget",
            "1",
            "--filter",
            "^kernels, (copy|fill).*fp32",
            "--json");
    JsonNode document = JSON.readTree(result.out());
    Set<String> subjects = new TreeSet<>(document.findValuesAsText("subject"));
    assertEquals(Set.of("ceiling", "copy", "fill"), subjects);
    CommandResult nothing =
        execute("bench", "kernels", "--backend", "cpu", "--shapes", TINY, "--filter", "no such op");
    assertEquals(ExitCode.DATA, nothing.code());
    assertTrue(nothing.err().contains("no such op"), nothing.err());
    assertEquals(ExitCode.DATA, execute("bench", "kernels", "--shapes", "B=none").code());
    assertEquals(ExitCode.DATA, execute("bench", "kernels", "--precision", "fp8").code());
    assertEquals(ExitCode.DATA, execute("bench", "kernels", "--time-budget", "0").code());
  }

  @Test
  void inferMeasuresASeries() throws Exception {
    Path file = folder.resolve("infer.jsonl");
    ok(
        "bench",
        "infer",
        "--backend",
        "cpu",
        "--length",
        "32",
        "--scaling",
        "batch",
        "--points",
        "1,2",
        "--precision",
        "bf16",
        "--time-budget",
        "1",
        "--out",
        file.toString());
    List<Measurement> passes =
        ResultFile.read(file).measurements().stream()
            .filter(line -> line.id().subject().equals("inference"))
            .toList();
    assertEquals(
        List.of("1", "2"), passes.stream().map(line -> line.id().shape().get("batch")).toList());
    for (Measurement pass : passes) {
      assertEquals("windows/s", pass.unit());
      assertEquals(8, pass.number("ops"));
      assertTrue(pass.number("peak_bytes") > 0 && pass.number("operations") > 0);
    }
    assertEquals(ExitCode.DATA, execute("bench", "infer", "--points", "1").code());
  }

  @Test
  void trainMeasuresStepsAndTheirParts() throws Exception {
    Path file = folder.resolve("train.jsonl");
    for (String[] stage : new String[][] {{"joint", "0"}, {"two-stage", "1"}}) {
      ok(
          "bench",
          "train",
          "--backend",
          "cpu",
          "--recipe",
          stage[0],
          "--stage",
          stage[1],
          "--batch",
          "4",
          "--patients",
          "40",
          "--time-budget",
          "1",
          "--out",
          file.toString());
      List<Measurement> lines = ResultFile.read(file).measurements();
      double shares = 0;
      Set<String> parts = new TreeSet<>();
      for (Measurement line : lines) {
        if (line.unit().equals(Measurement.SHARE)) {
          shares += line.value();
          parts.add(line.id().subject().replaceAll(".*: ", ""));
        }
      }
      assertEquals(100, shares, 1e-6);
      assertTrue(parts.containsAll(Set.of("gather", "optimiser", "idle")), parts.toString());
      assertEquals(stage[0].equals("joint"), parts.contains("contrast"), parts.toString());
    }
  }

  @Test
  void trainUntilReportsTheTimeAndKeepsItsLog() throws Exception {
    Path file = folder.resolve("until.jsonl");
    Path runs = folder.resolve("runs");
    ok(
        "bench",
        "train",
        "--backend",
        "cpu",
        "--patients",
        "60",
        "--epochs",
        "1",
        "--batch",
        "8",
        "--until",
        "pearson=0.1",
        "--seeds",
        "1",
        "--runs",
        runs.toString(),
        "--out",
        file.toString());
    Measurement result = ResultFile.read(file).measurements().getFirst();
    assertEquals("time to accuracy", result.id().subject());
    assertTrue(result.measured() && result.value() > 0, result.toString());
    List<String> keys = new ArrayList<>();
    for (String line : Files.readAllLines(runs.resolve("seed-1").resolve("mlperf.log"))) {
      assertTrue(line.startsWith(":::MLLOG "), line);
      JsonNode event = JSON.readTree(line.substring(":::MLLOG ".length()));
      assertTrue(event.get("time_ms").asLong() > 0 && event.has("metadata"), line);
      keys.add(event.get("key").asText());
    }
    assertEquals(
        List.of(
            "submission_benchmark",
            "seed",
            "global_batch_size",
            "gradient_accumulation_steps",
            "train_samples",
            "opt_name",
            "opt_base_learning_rate",
            "opt_weight_decay",
            "run_start",
            "epoch_start",
            "epoch_stop",
            "eval_start",
            "eval_accuracy",
            "eval_accuracy",
            "eval_stop",
            "run_stop"),
        keys);
    CommandResult missed =
        ok(
            "bench",
            "train",
            "--backend",
            "cpu",
            "--patients",
            "60",
            "--epochs",
            "1",
            "--batch",
            "8",
            "--until",
            "rmse=0.000001",
            "--seeds",
            "1",
            "--out",
            file.toString());
    assertTrue(missed.out().contains("not reached"), missed.out());
    assertFalse(ResultFile.read(file).measurements().getFirst().measured());
  }

  @Test
  void compareFindsAPlantedSlowdownAndSaysSoByItsExitCode() throws Exception {
    Path base = folder.resolve("a.jsonl");
    Path slower = folder.resolve("b.jsonl");
    Files.writeString(base, results(1) + results(3));
    Files.writeString(slower, results(1) + results(3.6));
    CommandResult found = execute("bench", "compare", base.toString(), slower.toString());
    assertEquals(ExitCode.REGRESSION, found.code(), found.err());
    assertTrue(found.out().contains("1 slower by more than 5 %"), found.out());
    assertTrue(found.out().contains("slower"), found.out());
    ok("bench", "compare", base.toString(), slower.toString(), "--threshold", "30%");
    ok("bench", "compare", slower.toString(), base.toString());
    CommandResult json = execute("bench", "compare", base.toString(), slower.toString(), "--json");
    JsonNode document = JSON.readTree(json.out());
    assertEquals(1, document.get("regressions").asInt());
    assertEquals(1.2, document.get("cases").get(1).get("ratio").asDouble(), 1e-9);
    assertEquals("slower", document.get("cases").get(1).get("verdict").asText());
    assertEquals("same", document.get("cases").get(0).get("verdict").asText());
    assertEquals(
        ExitCode.USAGE,
        execute("bench", "compare", base.toString(), slower.toString(), "--threshold", "x").code());
    assertEquals(
        ExitCode.DATA, execute("bench", "compare", base.toString(), "nowhere.jsonl").code());
  }

  /** A line with seven rounds about a time. */
  private static String results(double milliseconds) {
    ObjectNode line = JSON.createObjectNode();
    line.put("record", "measurement").put("stage", "kernels").put("subject", "op");
    line.put("variant", "precordia").put("precision", "fp32");
    line.putObject("shape").put("B", milliseconds < 2 ? 1 : 3);
    line.put("median_ms", milliseconds).put("repeats", 7).put("value", 1).put("unit", "GB/s");
    ArrayNode rounds = line.putArray("rounds");
    for (int i = -3; i <= 3; i++) {
      rounds.add(milliseconds * (1 + 0.001 * i));
    }
    return line + "\n";
  }

  @Test
  void sharesAreReadWithAndWithoutPercent() throws Exception {
    Percentage.Converter converter = new Percentage.Converter();
    assertEquals(0.05, converter.convert("5%").share(), 1e-12);
    assertEquals(0.05, converter.convert("0.05").share(), 1e-12);
    assertEquals("2.5 %", converter.convert(" 2.5 %").toString());
  }

  @Test
  void trainWritesTheLogWhereItIsAskedFor() throws Exception {
    Path shard = folder.resolve("cohort.shard");
    Path log = folder.resolve("log").resolve("mlperf.log");
    ok("prepare", "--synthetic", "40", "--out", shard.toString());
    ok(
        "train",
        "--data",
        shard.toString(),
        "--out",
        folder.resolve("run").toString(),
        "--backend",
        "cpu",
        "--max-steps",
        "2",
        "--log-mlperf",
        log.toString());
    List<String> lines = Files.readAllLines(log);
    assertTrue(lines.getLast().contains("\"run_stop\"") && lines.getLast().contains("success"));
    CommandResult resumed =
        execute(
            "train", "--out", folder.resolve("run").toString(), "--resume", "--log-mlperf", "x");
    assertEquals(ExitCode.USAGE, resumed.code());
  }
}
