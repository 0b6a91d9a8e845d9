// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.precordia.benchmark.Comparison.Verdict;
import org.precordia.signal.Philox;

/** What a comparison says of planted differences and of noise. */
class ComparisonTest {
  private static final double THRESHOLD = 0.05;

  @Test
  void aPlantedSlowdownIsCaughtAndNoiseIsNot() {
    List<Measurement> base = new ArrayList<>();
    List<Measurement> other = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      base.add(measurement("op " + i, 1 + i, 0.02, i));
      other.add(measurement("op " + i, (1 + i) * (i == 17 ? 1.2 : 1), 0.02, 100 + i));
    }
    Comparison comparison = Comparison.of(file(base, "a"), file(other, "a"), THRESHOLD);
    assertEquals(50, comparison.rows().size());
    assertEquals(
        List.of("op 17"),
        comparison.regressions().stream().map(row -> row.id().subject()).toList());
    Comparison.Row caught = comparison.regressions().getFirst();
    assertTrue(caught.ratio().low() > 1.1 && caught.ratio().high() < 1.3, caught.toString());
    assertTrue(
        comparison.rows().stream().noneMatch(row -> row.verdict() == Verdict.FASTER),
        comparison.rows().toString());
    Comparison back = Comparison.of(file(other, "a"), file(base, "a"), THRESHOLD);
    assertTrue(back.regressions().isEmpty());
    assertEquals(
        List.of("op 17"),
        back.rows().stream()
            .filter(row -> row.verdict() == Verdict.FASTER)
            .map(row -> row.id().subject())
            .toList());
  }

  @Test
  void aFileIsTheSameAsItself() {
    ResultFile file = file(List.of(measurement("op", 3, 0.001, 1)), "a");
    Comparison comparison = Comparison.of(file, file, THRESHOLD);
    assertEquals(Verdict.SAME, comparison.rows().getFirst().verdict());
    assertTrue(comparison.differences().isEmpty());
  }

  @Test
  void noisyOrFewRoundsLeaveTheQuestionOpen() {
    ResultFile base = file(List.of(measurement("op", 3, 0.5, 1)), "a");
    ResultFile other = file(List.of(measurement("op", 3.3, 0.5, 2)), "a");
    assertEquals(Verdict.OPEN, Comparison.of(base, other, THRESHOLD).rows().getFirst().verdict());
    ResultFile few = file(List.of(timed("op", 3, 3), timed("gone", 1)), "a");
    ResultFile slow = file(List.of(timed("op", 9, 9), timed("new", 1)), "b");
    Comparison comparison = Comparison.of(few, slow, THRESHOLD);
    assertEquals(Verdict.OPEN, comparison.rows().getFirst().verdict());
    assertEquals(3, comparison.rows().getFirst().ratio().estimate());
    assertEquals("gone", comparison.onlyBase().getFirst().subject());
    assertEquals("new", comparison.onlyOther().getFirst().subject());
    assertEquals(List.of(new Comparison.Difference("commit", "a", "b")), comparison.differences());
  }

  @Test
  void ofCeilingsTheLowerRateIsSlowerButNoRegression() {
    ResultFile base = file(List.of(ceiling(400)), "a");
    ResultFile other = file(List.of(ceiling(200)), "a");
    Comparison comparison = Comparison.of(base, other, THRESHOLD);
    assertEquals(2, comparison.rows().getFirst().ratio().estimate(), 1e-12);
    assertEquals(Verdict.SLOWER, comparison.rows().getFirst().verdict());
    assertTrue(comparison.regressions().isEmpty());
  }

  @Test
  void casesWithoutFiguresAreMissing() {
    Measurement unsupported =
        Measurement.of(id("op")).failed(Measurement.UNSUPPORTED, "not there").build();
    Comparison comparison =
        Comparison.of(
            file(List.of(timed("op", 1)), "a"), file(List.of(unsupported), "a"), THRESHOLD);
    assertEquals("op", comparison.onlyBase().getFirst().subject());
    assertTrue(comparison.rows().isEmpty());
  }

  @Test
  void aCaseThatIsThereTwiceHasTheRoundsOfBoth() {
    ResultFile twice = file(List.of(timed("op", 1, 2), timed("op", 3, 4)), "a");
    ResultFile once = file(List.of(timed("op", 5, 5, 5, 5)), "a");
    Comparison.Row row = Comparison.of(twice, once, THRESHOLD).rows().getFirst();
    assertEquals(2.5, row.base());
    assertTrue(row.ratio().bounded());
  }

  @Test
  void fourRunsASideAreComparedAsRunsBecauseTheirRoundsShareTheirMinutes() {
    // Each run is steady in itself and off by its own minutes: rounds alone would be sure.
    double[] minutes = {1, 1.08, 0.96, 1.03};
    List<Measurement> base = new ArrayList<>();
    List<Measurement> other = new ArrayList<>();
    for (int run = 0; run < minutes.length; run++) {
      base.add(measurement("op", minutes[run], 0.001, run));
      other.add(measurement("op", 1.04 * minutes[minutes.length - 1 - run], 0.001, 10 + run));
    }
    Comparison.Row row =
        Comparison.of(file(base, "a"), file(other, "a"), THRESHOLD).rows().getFirst();
    assertEquals(4, row.runs());
    assertEquals(Verdict.OPEN, row.verdict());
    assertTrue(row.ratio().low() < 1 && row.ratio().high() > 1.05, row.toString());
    // A slowdown beyond what runs differ by is still caught.
    List<Measurement> slow = new ArrayList<>();
    for (int run = 0; run < minutes.length; run++) {
      slow.add(measurement("op", 1.3 * minutes[run], 0.001, 20 + run));
    }
    assertEquals(
        Verdict.SLOWER,
        Comparison.of(file(base, "a"), file(slow, "a"), THRESHOLD).rows().getFirst().verdict());
  }

  @Test
  void aSenselessThresholdIsRefused() {
    ResultFile file = file(List.of(timed("op", 1)), "a");
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Comparison.of(file, file, 0));
    assertTrue(refused.getMessage().contains("threshold"), refused.getMessage());
  }

  private static ResultFile file(List<Measurement> measurements, String commit) {
    ObjectNode environment = JsonNodeFactory.instance.objectNode();
    environment.put("record", "environment").put("commit", commit);
    return new ResultFile(List.of(environment), measurements);
  }

  private static BenchmarkCase id(String subject) {
    return new BenchmarkCase(
        "kernels", subject, BenchmarkCase.OURS, "fp32", "warm", new TreeMap<>(Map.of("B", "8")));
  }

  private static Measurement measurement(String subject, double ms, double noise, int stream) {
    Philox random = new Philox(3, stream, 0, 0);
    double[] rounds = new double[7];
    for (int i = 0; i < rounds.length; i++) {
      rounds[i] = ms * Math.exp(noise * random.normal(0, 1));
    }
    return timed(subject, rounds);
  }

  private static Measurement timed(String subject, double... rounds) {
    Timing timing = new Timing();
    for (double round : rounds) {
      timing.add(round);
    }
    return Measurement.of(id(subject)).times(timing).value(1, Measurement.GBPS).build();
  }

  private static Measurement ceiling(double rate) {
    return Measurement.of(id(Measurement.CEILING))
        .number("median_ms", 1)
        .count("repeats", 5)
        .rounds(rate, rate, rate, rate, rate)
        .value(rate, Measurement.GFLOPS)
        .build();
  }
}
