// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.profile.TraceEvents;

/** {@code --profile} on the commands that compute. */
class ProfileCommandTest {
  @TempDir static Path folder;
  private static Path shard;
  private static Path run;
  private static Path trained;
  private static CommandResult training;

  @BeforeAll
  static void train() {
    shard = folder.resolve("cohort.shard");
    run = folder.resolve("run");
    trained = folder.resolve("traces/train.json.gz");
    ok("prepare", "--synthetic", "60", "--out", shard.toString());
    training =
        ok(
            "train",
            "--data",
            shard.toString(),
            "--out",
            run.toString(),
            "--max-steps",
            "3",
            "--backend",
            "cpu",
            "--profile",
            trained.toString(),
            "--profile-steps",
            "2:3");
  }

  @Test
  void trainWritesTheStepsThatWereAskedFor() throws IOException {
    TraceEvents trace = TraceEvents.read(trained);
    assertEquals(2, trace.named("step").size());
    assertTrue(training.err().contains("profile  " + trained), training.err());
  }

  @Test
  void evaluateShowsItsRowsAndBatches() throws IOException {
    Path file = folder.resolve("evaluate.json");
    ok(
        "evaluate",
        "--run",
        run.toString(),
        "--data",
        shard.toString(),
        "--fold",
        "all",
        "--backend",
        "cpu",
        "--profile",
        file.toString());
    TraceEvents trace = TraceEvents.read(file);
    assertEquals(
        List.of("mean", "ridge", "model"),
        trace.named("evaluate").stream()
            .map(span -> span.arguments().get("subject").textValue())
            .toList());
    List<TraceEvents.Complete> phases = new ArrayList<>(trace.named("evaluate"));
    phases.addAll(trace.named("embed"));
    assertTrue(
        trace.named("batch").stream().allMatch(batch -> phases.stream().anyMatch(batch::inside)));
    assertTrue(
        trace.named("dilated_stack_forward").stream()
            .allMatch(op -> trace.named("batch").stream().anyMatch(op::inside)));
  }

  @Test
  void reconstructShowsReadingAndWriting() throws IOException {
    Path records = folder.resolve("records");
    ok("synthesize", "--patients", "1", "--out", records.toString());
    Path header;
    try (Stream<Path> files = Files.walk(records)) {
      header = files.filter(file -> file.toString().endsWith(".hea")).findFirst().get();
    }
    Path file = folder.resolve("reconstruct.json");
    ok(
        "reconstruct",
        "--backend",
        "cpu",
        "--out",
        folder.resolve("out").toString(),
        "--profile",
        file.toString(),
        header.toString());
    TraceEvents trace = TraceEvents.read(file);
    for (String phase : List.of("read", "reconstruct", "write", "draw")) {
      assertEquals(1, trace.named(phase).size(), phase);
    }
    TraceEvents.Complete reconstruct = trace.named("reconstruct").getFirst();
    assertTrue(trace.named("head_forward").stream().allMatch(op -> op.inside(reconstruct)));
    assertFalse(trace.named("head_forward").isEmpty());
  }

  @Test
  void badOptionsAreRefusedBeforeAnythingRuns() {
    Path none = folder.resolve("none");
    CommandResult name =
        execute(
            "train",
            "--data",
            shard.toString(),
            "--out",
            none.toString(),
            "--profile",
            folder.resolve("trace.txt").toString());
    assertEquals(ExitCode.USAGE, name.code());
    assertTrue(name.err().contains(".json.gz"), name.err());
    CommandResult steps =
        execute(
            "train",
            "--data",
            shard.toString(),
            "--out",
            none.toString(),
            "--profile",
            folder.resolve("trace.json").toString(),
            "--profile-steps",
            "9:3");
    assertEquals(ExitCode.DATA, steps.code());
    assertTrue(steps.err().contains("FROM:TO"), steps.err());
    assertFalse(Files.exists(none));
    assertFalse(Files.exists(folder.resolve("trace.json")));
  }
}
