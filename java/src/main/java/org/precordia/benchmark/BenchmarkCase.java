// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was measured. Figures of two files are of the same case when these are equal.
 *
 * @param stage what measured it: {@code kernels}, {@code train}, {@code infer}, {@code cpu}, ...
 * @param subject the op or the task, for example {@code dilated_stack forward}
 * @param variant who did it, in which form, for example {@code precordia}
 * @param precision {@code fp32}, {@code bf16}, {@code fp16} or {@code tf32}; empty where it has
 *     none
 * @param cache {@code warm} or {@code cold}; empty where nothing was done about caches
 * @param shape sizes by their names, values as text
 */
public record BenchmarkCase(
    String stage,
    String subject,
    String variant,
    String precision,
    String cache,
    SortedMap<String, String> shape)
    implements Comparable<BenchmarkCase> {

  /** Who did it, when it was this program's own code. */
  public static final String OURS = "precordia";

  public BenchmarkCase {
    Objects.requireNonNull(stage);
    Objects.requireNonNull(subject);
    Objects.requireNonNull(variant);
    Objects.requireNonNull(precision);
    Objects.requireNonNull(cache);
    shape = Collections.unmodifiableSortedMap(new TreeMap<>(shape));
  }

  /** The case of a line of a result file. */
  static BenchmarkCase of(JsonNode line) {
    SortedMap<String, String> shape = new TreeMap<>();
    for (Map.Entry<String, JsonNode> extent : line.path("shape").properties()) {
      shape.put(extent.getKey(), extent.getValue().asText());
    }
    return new BenchmarkCase(
        line.path("stage").asText(),
        line.path("subject").asText(),
        line.path("variant").asText(),
        text(line.path("precision")),
        text(line.path("cache")),
        shape);
  }

  private static String text(JsonNode value) {
    return value.isNull() ? "" : value.asText();
  }

  /** Whether this is what the machine can do at most, and no work of a program. */
  public boolean isCeiling() {
    return subject.equals(Measurement.CEILING);
  }

  /** The shape in one piece, for example {@code B 128 · C 64 · L 256}. */
  public String shapeText() {
    return shape.entrySet().stream()
        .map(extent -> extent.getKey() + " " + extent.getValue())
        .collect(Collectors.joining(" · "));
  }

  @Override
  public int compareTo(BenchmarkCase other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return Stream.of(stage, subject, variant, precision, cache, shapeText())
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(", "));
  }
}
