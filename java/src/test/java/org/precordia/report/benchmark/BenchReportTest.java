// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.ResultFile;
import org.precordia.report.html.PageCheck;

/** Pages of result files: those that are kept with the sources, and some made up. */
class BenchReportTest {
  private static final Path RESULTS = Path.of("..", "bench", "results");
  private static final String HOSTILE = "<img src=x onerror=alert(1)>";

  @TempDir Path folder;

  @Test
  void readsTheKeptResultsOfACpu() throws IOException {
    String text = text(inputs(RESULTS.resolve("2026-11-25-cpu-xeon/cpu.jsonl")));
    assertTrue(text.contains("pathology stack backward"));
    assertTrue(text.contains("compiled, channels last"));
    assertTrue(text.contains("396 GFLOP/s"), "the ceiling of the run");
  }

  @Test
  void readsTheKeptResultsOfAGpu() throws IOException {
    Path run = RESULTS.resolve("2026-11-23-h100");
    String text =
        text(
            inputs(
                run.resolve("bench.jsonl"),
                run.resolve("ceilings.jsonl"),
                run.resolve("peer.jsonl")));
    assertTrue(text.contains("Ops in bf16, nearest to the roof first"));
    assertTrue(text.contains("NVIDIA H100"));
    assertFalse(text.contains("Two files compared"));
  }

  @Test
  void blocksWithoutACountGetTheirs() throws IOException {
    Path file = RESULTS.resolve("2026-11-23-h100/bench.jsonl");
    Measurement line = ResultFile.read(file).measurements().getFirst();
    Work work = Work.of(line);
    assertEquals(8 * 64 * 64 / (2.0 * 2 * 64), work.intensity(), 1e-9);
    assertEquals(8.0 * 64 * 64 * 2097152 / 0.246008e-3 * 1e-9, work.gflops(), 1);
  }

  @Test
  void aPlantedSlowdownIsMarked() throws IOException {
    Path before = file("before.jsonl", 1.0);
    Path after = file("after.jsonl", 1.2);
    String text = text(inputs(before, after));
    assertTrue(text.contains("Two files compared"));
    assertTrue(text.contains("1 is slower by more than 5 %"), "of the two ops one got slower");
    assertFalse(text(inputs(before, before)).contains("1 is slower"));
  }

  @Test
  void pointsOfARooflineHaveTheirShare() throws IOException {
    String text = text(inputs(file("run.jsonl", 1.0)));
    // 400 GFLOP/s at 4 operations a byte, where memory of 50 GB/s allows 200.
    assertTrue(text.contains("200.0"), "percent of the roof");
  }

  @Test
  void namesInFilesStayText() throws IOException {
    String html = new BenchReport(inputs(file("run.jsonl", 1.0))).render();
    assertFalse(html.contains(HOSTILE));
    assertTrue(text(inputs(file("run.jsonl", 1.0))).contains(HOSTILE));
  }

  @Test
  void aFileOfOneMeasurementHasAPage() throws IOException {
    Path file = folder.resolve("one.jsonl");
    Files.writeString(
        file,
        "{\"record\":\"measurement\",\"stage\":\"cpu\",\"subject\":\"x\",\"variant\":\"precordia\","
            + "\"shape\":{},\"median_ms\":1,\"repeats\":1,\"value\":1,\"unit\":\"ms\"}\n");
    assertTrue(text(inputs(file)).contains("there is no roofline"));
  }

  /** Two ops in eight rounds, one of them slowed by a factor; ceilings; a hostile name. */
  private Path file(String name, double factor) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "{\"record\":\"environment\",\"date\":\"2026-01-02T03:04:05Z\",\"commit\":null,\"gpu\":null,"
            + "\"cpu\":\""
            + HOSTILE
            + "\"}");
    lines.add(ceiling("ceiling fma", "GFLOP/s", 1000));
    lines.add(ceiling("ceiling copy", "GB/s", 50));
    lines.add(op("slowed", factor, 400));
    lines.add(op("kept", 1, 100));
    Path file = folder.resolve(name);
    Files.write(file, lines);
    return file;
  }

  private static String ceiling(String variant, String unit, double value) {
    return ("{\"record\":\"measurement\",\"stage\":\"kernels\",\"subject\":\"ceiling\",\"variant\":\"%s\","
                + "\"precision\":\"fp32\",\"shape\":{\"threads\":2},\"median_ms\":60,\"repeats\":1,"
                + "\"value\":%s,\"unit\":\"%s\"}")
        .formatted(variant, value, unit);
  }

  private static String op(String subject, double factor, double gflops) {
    List<String> rounds = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      rounds.add(Double.toString(factor * (1 + 0.001 * i)));
    }
    return ("{\"record\":\"measurement\",\"stage\":\"kernels\",\"subject\":\"%s\",\"variant\":\"precordia\","
                + "\"precision\":\"fp32\",\"shape\":{\"width\":64},\"median_ms\":%s,\"repeats\":8,"
                + "\"value\":1,\"unit\":\"GFLOP/s\",\"gflops\":%s,\"intensity\":4,\"rounds\":%s}")
        .formatted(subject, factor, gflops, rounds);
  }

  static List<BenchReport.Input> inputs(Path... files) throws IOException {
    List<BenchReport.Input> inputs = new ArrayList<>();
    for (Path file : files) {
      inputs.add(new BenchReport.Input(file.getFileName().toString(), ResultFile.read(file)));
    }
    return inputs;
  }

  private static String text(List<BenchReport.Input> inputs) {
    return PageCheck.check(new BenchReport(inputs).render()).getDocumentElement().getTextContent();
  }
}
