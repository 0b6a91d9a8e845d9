// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.precordia.benchmark.BenchmarkCase;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.Timing;

/**
 * JMH's results as lines of {@code bench/results/schema.json}: an iteration is a round, the value
 * the median time of a call in the benchmark's unit, or MB/s where it counts bytes.
 */
final class JmhLines {
  /** Stage of the lines. */
  static final String STAGE = "jmh";

  private static final String BYTES = "bytes";

  private JmhLines() {}

  static List<Measurement> of(Collection<RunResult> results) {
    return results.stream()
        .map(JmhLines::line)
        .sorted(Comparator.comparing(Measurement::id))
        .toList();
  }

  private static Measurement line(RunResult result) {
    BenchmarkParams params = result.getParams();
    if (params.getMode() == Mode.Throughput) {
      throw new IllegalArgumentException(
          "%s counts calls a second, results are times: choose mode avgt or sample"
              .formatted(params.getBenchmark()));
    }
    SortedMap<String, String> shape = new TreeMap<>();
    params.getParamsKeys().forEach(key -> shape.put(key, params.getParam(key)));
    double toMs = (double) params.getTimeUnit().toNanos(1) / TimeUnit.MILLISECONDS.toNanos(1);
    List<Double> rounds = new ArrayList<>();
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        rounds.add(iteration.getPrimaryResult().getScore() * toMs);
      }
    }
    return line(params.getBenchmark(), shape, rounds, bytes(result), params.getTimeUnit());
  }

  /** Bytes of a call, NaN where none are counted: time a call over time a byte. */
  private static double bytes(RunResult result) {
    Result<?> counted = result.getSecondaryResults().get(BYTES);
    return counted == null ? Double.NaN : result.getPrimaryResult().getScore() / counted.getScore();
  }

  /**
   * The line of a benchmark.
   *
   * @param benchmark its class and method
   * @param rounds milliseconds of a call in each iteration
   * @param bytes of a call, NaN where none are counted
   * @param unit what times are told in
   */
  static Measurement line(
      String benchmark,
      SortedMap<String, String> shape,
      List<Double> rounds,
      double bytes,
      TimeUnit unit) {
    String subject = benchmark.replaceFirst("^.*\\.(?=[^.]+\\.[^.]+$)", "");
    Timing timing = new Timing();
    rounds.forEach(timing::add);
    Measurement.Builder line =
        Measurement.of(new BenchmarkCase(STAGE, subject, BenchmarkCase.OURS, "", "", shape))
            .times(timing);
    if (Double.isNaN(bytes)) {
      double inUnit = timing.medianMs() * TimeUnit.MILLISECONDS.toNanos(1) / unit.toNanos(1);
      return line.value(inUnit, abbreviation(unit)).build();
    }
    double megabytesPerSecond = bytes / 1e6 / (timing.medianMs() / 1e3);
    return line.number("bytes", Math.rint(bytes)).value(megabytesPerSecond, "MB/s").build();
  }

  private static String abbreviation(TimeUnit unit) {
    return switch (unit) {
      case NANOSECONDS -> "ns";
      case MICROSECONDS -> "µs";
      case MILLISECONDS -> "ms";
      default -> unit.name().toLowerCase(Locale.ROOT);
    };
  }
}
