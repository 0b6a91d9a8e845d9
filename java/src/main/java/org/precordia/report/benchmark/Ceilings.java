// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.precordia.benchmark.Measurement;

/**
 * What the machine did at most, as the file measured it.
 *
 * @param arithmetic ceilings of arithmetic, highest first
 * @param memory the ceiling of memory in GB/s, if there is one
 */
record Ceilings(List<Ceiling> arithmetic, Optional<Ceiling> memory) {
  private static final double TERA = 1000;

  /**
   * One ceiling.
   *
   * @param name what was measured
   * @param precision {@code fp32}, {@code bf16}, ...; empty for memory
   * @param value GFLOP/s, or GB/s
   */
  record Ceiling(String name, String precision, double value) {}

  /** Collects those of some lines; of several of one name the highest counts. */
  static Ceilings of(List<Measurement> lines) {
    List<Ceiling> arithmetic = new ArrayList<>();
    List<Ceiling> memory = new ArrayList<>();
    for (Measurement line : lines) {
      if (!line.measured()) {
        continue;
      }
      String variant = line.id().variant();
      switch (line.id().subject()) {
        case Measurement.CEILING -> {
          boolean copies = line.unit().equals(Measurement.GBPS);
          (copies ? memory : arithmetic)
              .add(new Ceiling(variant, line.id().precision(), line.value()));
        }
        case "device memory" -> {
          if (variant.contains("copy")) {
            memory.add(new Ceiling(variant, "", TERA * line.value()));
          }
        }
        case "tensor cores" ->
            arithmetic.add(new Ceiling(variant, precision(variant), TERA * line.value()));
        case "scalar" -> {
          if (variant.equals("fp32 FMA")) {
            arithmetic.add(new Ceiling(variant, "fp32", TERA * line.value()));
          }
        }
        default -> {}
      }
    }
    Comparator<Ceiling> highest = Comparator.comparingDouble(Ceiling::value).reversed();
    arithmetic.sort(highest);
    return new Ceilings(List.copyOf(arithmetic), memory.stream().sorted(highest).findFirst());
  }

  private static String precision(String variant) {
    return variant.contains("bf16") ? "bf16" : variant.contains("tf32") ? "tf32" : "";
  }

  /** The highest of a precision. */
  Optional<Ceiling> highest(String precision) {
    return arithmetic.stream().filter(c -> c.precision().equals(precision)).findFirst();
  }
}
