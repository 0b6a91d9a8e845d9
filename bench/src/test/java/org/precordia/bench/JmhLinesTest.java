// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.precordia.benchmark.Measurement;

class JmhLinesTest {
  private static final SortedMap<String, String> FORMAT = new TreeMap<>(Map.of("format", "212"));

  private static Measurement line(double bytes) {
    return JmhLines.line(
        "org.precordia.bench.WfdbBenchmark.decode",
        FORMAT,
        List.of(2.0, 4.0, 3.0),
        bytes,
        TimeUnit.MICROSECONDS);
  }

  @Test
  void anIterationIsARound() {
    Measurement line = line(Double.NaN);
    assertArrayEquals(new double[] {2, 4, 3}, line.rounds());
    assertEquals(3, line.medianMs());
    assertEquals("WfdbBenchmark.decode", line.id().subject());
    assertEquals("format 212", line.id().shapeText());
  }

  @Test
  void withoutBytesTheValueIsTheTimeInItsUnit() {
    Measurement line = line(Double.NaN);
    assertEquals(3000, line.value(), 1e-9);
    assertEquals("µs", line.unit());
    assertFalse(line.json().has("bytes"));
  }

  @Test
  void countedBytesBecomeARate() {
    Measurement line = line(6e6);
    assertEquals(2000, line.value(), 1e-9);
    assertEquals("MB/s", line.unit());
    assertEquals(6e6, line.number("bytes"));
  }
}
