// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

/**
 * The roofline model (Williams, Waterman and Patterson 2009): work of few operations a byte is
 * bound by memory, work of many by arithmetic; the two meet at the ridge.
 *
 * @param gflops ceiling of arithmetic in GFLOP/s, not finite where it is unknown
 * @param gbps ceiling of memory in GB/s
 */
record Roofline(double gflops, double gbps) {
  private static final double GIGA_PER_MS = 1e-6;

  /** Operations a byte where the bounds meet. */
  double ridge() {
    return gflops / gbps;
  }

  /** Whether arithmetic bounds a work, and not memory. */
  boolean bindsArithmetic(Cost cost) {
    return cost.operations() > 0 && cost.intensity() >= ridge();
  }

  /**
   * Writes rates and what of the ceiling they are.
   *
   * @param milliseconds time of the work
   */
  Measurement.Builder rates(Measurement.Builder line, Cost cost, double milliseconds) {
    double arithmetic = cost.operations() / milliseconds * GIGA_PER_MS;
    double memory = cost.bytes() / milliseconds * GIGA_PER_MS;
    boolean compute = bindsArithmetic(cost);
    line.number("operations", cost.operations()).number("bytes", cost.bytes());
    if (cost.operations() > 0) {
      line.number("gflops", arithmetic);
    }
    line.number("gbps", memory).number("intensity", cost.intensity());
    line.text("bound", compute ? "compute" : "memory");
    line.number("percent_of_ceiling", 100 * (compute ? arithmetic / gflops : memory / gbps));
    return compute
        ? line.value(arithmetic, Measurement.GFLOPS)
        : line.value(memory, Measurement.GBPS);
  }
}
