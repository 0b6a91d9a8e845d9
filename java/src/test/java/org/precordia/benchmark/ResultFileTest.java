// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.DataException;
import org.precordia.runtime.Backend;

/** Result files against their published schema, and back. */
class ResultFileTest {
  private static final BenchmarkCase ID =
      new BenchmarkCase(
          "kernels",
          "stem forward",
          BenchmarkCase.OURS,
          "bf16",
          "cold",
          new TreeMap<>(Map.of("B", "8", "data", "synthetic")));

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsValidAndComesBack() throws Exception {
    Timing timing = new Timing();
    for (int round = 0; round < 7; round++) {
      timing.add(1 + round, 2 + round);
    }
    Measurement measured =
        Measurement.of(ID).times(timing).value(3, Measurement.GFLOPS).flag("steady", true).build();
    Measurement refused = Measurement.of(ID).failed(Measurement.UNSUPPORTED, "no bf16").build();
    Environment environment =
        Environment.collect(Backend.CPU.select().device(), 2, 1, "precordia bench kernels");
    ResultFile written = ResultFile.of(environment, List.of(measured, refused));
    new ResultSchema().accepts(written.text());
    Path file = folder.resolve("results.jsonl");
    written.write(file);
    ResultFile read = ResultFile.read(file);
    assertEquals(written.text(), read.text());
    Measurement again = read.measurements().getFirst();
    assertEquals(ID, again.id());
    assertEquals(4.5, again.medianMs());
    assertArrayEquals(new double[] {1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5}, again.rounds());
    assertFalse(read.measurements().getLast().measured());
    assertEquals("no bf16", read.measurements().getLast().note());
  }

  @Test
  void theSchemaRefusesWhatIsNoResult() throws Exception {
    ResultSchema schema = new ResultSchema();
    for (String line :
        List.of(
            "{}",
            "{\"record\": \"measurement\"}",
            Measurement.of(ID).build().toString(),
            Measurement.of(ID).failed("tired", "why not").build().toString(),
            Measurement.of(ID)
                .times(new Timing().add(1))
                .value(1, "s")
                .number("operations", -1)
                .build()
                .toString(),
            "{\"record\": \"environment\", \"schema_version\": 2, \"date\":"
                + " \"2026-01-01T00:00:00Z\", \"commit\": null, \"gpu\": null}")) {
      assertFalse(schema.faults(line).isEmpty(), line);
    }
  }

  @Test
  void committedResultsAreValid() throws Exception {
    ResultSchema schema = new ResultSchema();
    List<Path> files;
    try (Stream<Path> all = Files.walk(ResultSchema.FOLDER)) {
      files = all.filter(file -> file.toString().endsWith(".jsonl")).toList();
    }
    assertFalse(files.isEmpty());
    for (Path file : files) {
      schema.accepts(Files.readString(file));
    }
  }

  @Test
  void aDamagedFileIsNamedWithItsLine() throws Exception {
    Path file = folder.resolve("damaged.jsonl");
    Files.writeString(file, Measurement.of(ID).build() + "\n[1, 2]\n");
    DataException damaged = assertThrows(DataException.class, () -> ResultFile.read(file));
    assertEquals(2, damaged.line());
    Files.writeString(file, "{\"record\": \"done\"}\n");
    DataException empty = assertThrows(DataException.class, () -> ResultFile.read(file));
    assertTrue(empty.getMessage().contains("no measurement"), empty.getMessage());
  }
}
