// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.precordia.model.Precision;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.MultiplyAddOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;
import org.precordia.runtime.UnsupportedException;

/**
 * What the machine does at most, measured in the rounds of a run between its other cases: bytes
 * copied a second, and multiply-adds a second in each precision. A ceiling is the best slice of all
 * rounds: what interrupts a slice never raises it.
 */
final class Ceilings implements AutoCloseable {
  private static final long COPY_BYTES = 128L << 20;
  private static final int FIRST_ROUNDS = 64;
  private static final double SLICE_MS = 10;
  private static final double TURN_MS = 60;
  private static final int LEAST_SLICES = 5;
  private static final double GIGA_PER_MS = 1e-6;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final PassTimer timer;
  private final String stage;
  private final int threads;
  private final CopyOp copy;
  private final List<Double> copied = new ArrayList<>();
  private final Map<Precision, Arithmetic> arithmetic = new EnumMap<>(Precision.class);
  private final Map<Precision, String> refused = new EnumMap<>(Precision.class);

  /**
   * Prepares.
   *
   * @param stage stage of the results
   * @param threads CPU threads, for the results
   */
  Ceilings(Stream stream, String stage, int threads) {
    this.stream = stream;
    this.stage = stage;
    this.threads = threads;
    boolean complete = false;
    try {
      timer = resources.add(PassTimer.of(stream));
      Arena arena = resources.add(Arena.ofShared());
      Tensor from = resources.allocate(stream, DType.U8, COPY_BYTES);
      Tensor to = resources.allocate(stream, DType.U8, COPY_BYTES);
      copy = new CopyOp(arena).source(from).target(to);
      // Memory that nobody has written may be one page of zeros that all addresses share.
      new FillOp(arena).value(171).tensor(from).run(stream);
      for (Precision precision : Precision.values()) {
        try {
          arithmetic.put(precision, new Arithmetic(arena, precision));
        } catch (UnsupportedException unsupported) {
          refused.put(precision, unsupported.getMessage());
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /** Measures each once more. */
  void round() {
    copied.add(2 * COPY_BYTES / shortest(() -> copy.run(stream)) * GIGA_PER_MS);
    arithmetic.values().forEach(Arithmetic::round);
  }

  /** The best slice of a turn. */
  private double shortest(Runnable slice) {
    double best = Double.POSITIVE_INFINITY;
    double spent = 0;
    for (int i = 0; i < LEAST_SLICES || spent < TURN_MS; i++) {
      double time = timer.milliseconds(slice, 1);
      spent += time;
      best = Math.min(best, time);
    }
    return best;
  }

  /** Bytes read and written a second, in GB/s. */
  double bandwidth() {
    return best(copied);
  }

  /**
   * Operations a second in GFLOP/s, NaN where the device cannot do them. Activations stored as bf16
   * may be multiplied as floats too, so their ceiling is never the lower.
   */
  double arithmetic(Precision precision) {
    double own = rate(precision);
    return precision == Precision.FP32 ? own : Math.max(own, rate(Precision.FP32));
  }

  private double rate(Precision precision) {
    Arithmetic measured = arithmetic.get(precision);
    return measured == null ? Double.NEGATIVE_INFINITY : best(measured.rates);
  }

  /** The lines of a result file. */
  List<Measurement> measurements() {
    List<Measurement> lines = new ArrayList<>();
    lines.add(line("ceiling copy", "", copied, Measurement.GBPS));
    arithmetic.forEach(
        (precision, measured) ->
            lines.add(line(name(precision), id(precision), measured.rates, Measurement.GFLOPS)));
    refused.forEach(
        (precision, reason) ->
            lines.add(
                Measurement.of(caseOf(name(precision), id(precision)))
                    .failed(Measurement.UNSUPPORTED, reason)
                    .build()));
    return lines;
  }

  private Measurement line(String variant, String precision, List<Double> rates, String unit) {
    double[] rounds = values(rates);
    return Measurement.of(caseOf(variant, precision))
        .number("median_ms", TURN_MS)
        .count("repeats", rounds.length)
        .rounds(rounds)
        .value(best(rates), unit)
        .build();
  }

  private BenchmarkCase caseOf(String variant, String precision) {
    SortedMap<String, String> shape = new TreeMap<>(Map.of("threads", String.valueOf(threads)));
    return new BenchmarkCase(stage, Measurement.CEILING, variant, precision, "", shape);
  }

  private static String name(Precision precision) {
    return precision == Precision.FP32 ? "ceiling fma" : "ceiling bf16 products";
  }

  private static String id(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  private static double best(List<Double> rates) {
    return rates.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
  }

  private static double[] values(List<Double> rates) {
    return rates.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  public void close() {
    resources.close();
  }

  /** Multiply-adds of one precision. */
  private final class Arithmetic {
    private final MultiplyAddOp op;
    private final double operations;
    private final List<Double> rates = new ArrayList<>();

    Arithmetic(Arena arena, Precision precision) {
      Tensor count = resources.allocate(stream, DType.F64, 1);
      op = new MultiplyAddOp(arena).dtype(precision.storage()).operations(count);
      op.rounds(FIRST_ROUNDS).run(stream);
      double time = timer.milliseconds(() -> op.run(stream), 1);
      int rounds = (int) Math.clamp(FIRST_ROUNDS * SLICE_MS / time, 1, 1 << 24);
      op.rounds(rounds).run(stream);
      operations = count.doubles(stream)[0];
    }

    void round() {
      rates.add(operations / shortest(() -> op.run(stream)) * GIGA_PER_MS);
    }
  }
}
