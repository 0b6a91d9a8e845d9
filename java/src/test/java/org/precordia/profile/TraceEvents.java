// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Reads a trace and holds it to the Trace Event Format: an array of events, each with the members
 * of its phase; every row of the time line named; spans of a row that lie apart or inside each
 * other.
 */
public final class TraceEvents {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final List<Complete> spans = new ArrayList<>();
  private final Map<String, List<Double>> counters = new HashMap<>();
  private final List<String> notes = new ArrayList<>();

  /** A span; times in nanoseconds since the trace began. */
  public record Complete(
      String name, String category, String row, long begin, long end, JsonNode arguments) {
    /** Whether it lies inside another one of its row. */
    public boolean inside(Complete outer) {
      return row.equals(outer.row) && begin >= outer.begin && end <= outer.end;
    }
  }

  /** Reads and checks a file. */
  public static TraceEvents read(Path file) throws IOException {
    try (InputStream in =
        file.toString().endsWith(".gz")
            ? new GZIPInputStream(Files.newInputStream(file))
            : Files.newInputStream(file)) {
      return new TraceEvents(JSON.readTree(in.readAllBytes()));
    }
  }

  private TraceEvents(JsonNode events) {
    assertTrue(events.isArray(), "not an array");
    Set<String> named = new HashSet<>();
    Set<String> processes = new HashSet<>();
    for (JsonNode event : events) {
      String row = event.get("pid").asInt() + "/" + event.get("tid").asLong();
      assertTrue(event.get("args").isObject(), () -> "no arguments: " + event);
      String name = event.get("name").textValue();
      switch (event.get("ph").textValue()) {
        case "M" -> {
          assertTrue(event.get("args").get("name").isTextual());
          if (name.equals("thread_name")) {
            assertTrue(named.add(row), () -> "named twice: " + event);
          } else {
            assertEquals("process_name", name);
            processes.add(event.get("pid").asText());
          }
        }
        case "X" -> {
          assertTrue(named.contains(row), () -> "a row without a name: " + event);
          assertTrue(processes.contains(event.get("pid").asText()));
          long begin = nanos(event.get("ts"));
          long duration = nanos(event.get("dur"));
          assertTrue(duration >= 0, () -> "ends before it begins: " + event);
          spans.add(
              new Complete(
                  name,
                  event.get("cat").textValue(),
                  row,
                  begin,
                  begin + duration,
                  event.get("args")));
        }
        case "C" -> {
          nanos(event.get("ts"));
          JsonNode value = event.get("args").elements().next();
          assertTrue(value.isNumber(), () -> "no number: " + event);
          counters.computeIfAbsent(name, _ -> new ArrayList<>()).add(value.asDouble());
        }
        case "i" -> {
          assertEquals("g", event.get("s").textValue());
          if (name.equals("note")) {
            notes.add(event.get("args").get("text").textValue());
          }
        }
        default -> throw new AssertionError("an event of another phase: " + event);
      }
    }
    requireNesting();
  }

  private static long nanos(JsonNode micros) {
    assertTrue(micros.isNumber());
    return micros.decimalValue().multiply(BigDecimal.valueOf(1000)).longValueExact();
  }

  private void requireNesting() {
    Map<String, Deque<Complete>> open = new HashMap<>();
    spans.stream()
        .sorted(
            Comparator.comparingLong(Complete::begin)
                .thenComparing(Complete::end, Comparator.reverseOrder()))
        .forEach(
            span -> {
              Deque<Complete> stack = open.computeIfAbsent(span.row(), _ -> new ArrayDeque<>());
              while (!stack.isEmpty() && stack.peek().end() <= span.begin()) {
                stack.pop();
              }
              if (!stack.isEmpty()) {
                assertTrue(
                    span.end() <= stack.peek().end(),
                    () -> span + " crosses the end of " + stack.peek());
              }
              stack.push(span);
            });
  }

  /** Spans of a name. */
  public List<Complete> named(String name) {
    return spans.stream().filter(span -> span.name().equals(name)).toList();
  }

  /** Spans of a category. */
  public List<Complete> of(String category) {
    return spans.stream().filter(span -> span.category().equals(category)).toList();
  }

  /** Values of a counter, or none. */
  public List<Double> counter(String name) {
    return counters.getOrDefault(name, List.of());
  }

  /** Names of counters. */
  public Set<String> counters() {
    return counters.keySet();
  }

  /** What the trace says of itself. */
  public List<String> notes() {
    return notes;
  }
}
