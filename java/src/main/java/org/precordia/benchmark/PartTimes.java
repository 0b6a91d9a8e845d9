// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Times of a pass's parts, run one by one, beside that of the whole. */
final class PartTimes {
  /** What a pass as one graph takes beyond the sum of its parts; negative where it takes less. */
  static final String REST = "idle";

  private final Map<String, Timing> parts = new LinkedHashMap<>();
  private final Map<String, List<Double>> turn = new LinkedHashMap<>();

  /** Adds a pass. */
  void add(Map<String, Double> times) {
    times.forEach((name, time) -> turn.computeIfAbsent(name, any -> new ArrayList<>()).add(time));
  }

  /** The passes so far were those of one turn. */
  void endTurn() {
    turn.forEach(
        (name, times) ->
            parts
                .computeIfAbsent(name, any -> new Timing())
                .add(times.stream().mapToDouble(Double::doubleValue).toArray()));
    turn.clear();
  }

  /**
   * Writes a line a part.
   *
   * @param id the case of a part
   * @param wholeMs time of a pass as one graph
   */
  void report(Function<String, BenchmarkCase> id, double wholeMs, List<Measurement> lines) {
    double sum = 0;
    for (Map.Entry<String, Timing> part : parts.entrySet()) {
      double time = part.getValue().medianMs();
      sum += time;
      lines.add(
          Measurement.of(id.apply(part.getKey()))
              .times(part.getValue())
              .value(100 * time / wholeMs, Measurement.SHARE)
              .build());
    }
    lines.add(
        Measurement.of(id.apply(REST))
            .number("median_ms", wholeMs)
            .count("repeats", 1)
            .value(100 * (wholeMs - sum) / wholeMs, Measurement.SHARE)
            .text("note", "the whole pass as one graph, less the sum of its parts")
            .build());
  }
}
