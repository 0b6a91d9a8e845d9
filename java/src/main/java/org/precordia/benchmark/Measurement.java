// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * One line of kind {@code measurement} of a result file (bench/results/schema.json): figures of one
 * case, or why there are none. Fields that this class does not know are kept.
 */
public final class Measurement {
  /** Subject of what the machine can do at most. */
  public static final String CEILING = "ceiling";

  /** Unit of rates of arithmetic. */
  public static final String GFLOPS = "GFLOP/s";

  /** Unit of rates of memory. */
  public static final String GBPS = "GB/s";

  /** Status of what a backend or a precision cannot do. */
  public static final String UNSUPPORTED = "unsupported";

  private final BenchmarkCase id;
  private final ObjectNode line;

  private Measurement(BenchmarkCase id, ObjectNode line) {
    this.id = id;
    this.line = line;
  }

  /** Reads a line. */
  static Measurement read(ObjectNode line) {
    return new Measurement(BenchmarkCase.of(line), line);
  }

  /** Begins a line. */
  public static Builder of(BenchmarkCase id) {
    return new Builder(id);
  }

  /** What was measured. */
  public BenchmarkCase id() {
    return id;
  }

  /** The line; not to be changed. */
  public ObjectNode json() {
    return line;
  }

  /** A number of the line, NaN where there is none. */
  public double number(String field) {
    return line.path(field).asDouble(Double.NaN);
  }

  /** A text of the line, empty where there is none. */
  public String text(String field) {
    return line.path(field).asText("");
  }

  /** Whether there are figures. */
  public boolean measured() {
    return line.has("value");
  }

  /** Median time of a pass in milliseconds. */
  public double medianMs() {
    return number("median_ms");
  }

  /** The figure in {@link #unit}. */
  public double value() {
    return number("value");
  }

  /** Unit of the figure. */
  public String unit() {
    return text("unit");
  }

  /** Why there are no figures: {@code unsupported}, {@code out-of-memory} or {@code error}. */
  public String status() {
    return text("status");
  }

  /** The reason in words, or a remark. */
  public String note() {
    return text("note");
  }

  /**
   * A figure a round: median time of a pass in milliseconds, of a ceiling the rate in its unit.
   * Empty where rounds were not kept.
   */
  public double[] rounds() {
    JsonNode rounds = line.path("rounds");
    double[] values = new double[rounds.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = rounds.get(i).asDouble();
    }
    return values;
  }

  @Override
  public String toString() {
    return line.toString();
  }

  /** Collects the fields of a line. */
  public static final class Builder {
    private final BenchmarkCase id;
    private final ObjectNode line = JsonNodeFactory.instance.objectNode();

    private Builder(BenchmarkCase id) {
      this.id = id;
      line.put("record", "measurement");
      line.put("stage", id.stage()).put("subject", id.subject()).put("variant", id.variant());
      line.put("precision", id.precision().isEmpty() ? null : id.precision());
      if (!id.cache().isEmpty()) {
        line.put("cache", id.cache());
      }
      ObjectNode shape = line.putObject("shape");
      for (Map.Entry<String, String> extent : id.shape().entrySet()) {
        put(shape, extent.getKey(), extent.getValue());
      }
    }

    /** Sizes are numbers in the file; names of sizes and data sets are not. */
    private static void put(ObjectNode shape, String name, String value) {
      if (value.matches("-?\\d{1,18}")) {
        shape.put(name, Long.parseLong(value));
      } else {
        shape.put(name, value);
      }
    }

    /** Times of passes. */
    public Builder times(Timing timing) {
      line.put("median_ms", timing.medianMs());
      line.put("p10_ms", timing.quantileMs(0.1)).put("p90_ms", timing.quantileMs(0.9));
      line.put("p99_ms", timing.quantileMs(0.99));
      line.put("repeats", timing.passes());
      MedianInterval interval = timing.interval();
      if (interval.known()) {
        line.put("ci_low_ms", interval.low()).put("ci_high_ms", interval.high());
      }
      return rounds(timing.rounds());
    }

    /** A figure a round. */
    public Builder rounds(double... values) {
      ArrayNode rounds = line.putArray("rounds");
      for (double value : values) {
        rounds.add(value);
      }
      return this;
    }

    /** The figure that stands for the case. */
    public Builder value(double value, String unit) {
      line.put("value", value).put("unit", unit);
      return this;
    }

    /** Another number; NaN leaves it out. */
    public Builder number(String field, double value) {
      if (Double.isFinite(value)) {
        line.put(field, value);
      }
      return this;
    }

    /** Another whole number. */
    public Builder count(String field, long value) {
      line.put(field, value);
      return this;
    }

    /** Another text. */
    public Builder text(String field, String value) {
      line.put(field, value);
      return this;
    }

    /** Yes or no. */
    public Builder flag(String field, boolean value) {
      line.put(field, value);
      return this;
    }

    /** Says why there are no figures. */
    public Builder failed(String status, String note) {
      line.put("status", status).put("note", note);
      return this;
    }

    /** The line. */
    public Measurement build() {
      return new Measurement(id, line);
    }
  }
}
