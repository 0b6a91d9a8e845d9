// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import org.precordia.report.html.Figures;

/** Rates with the unit that suits their size. */
final class Rates {
  private static final double TERA = 1000;

  private Rates() {}

  /** Operations a second, given in GFLOP/s. */
  static String arithmetic(double gflops) {
    return text(gflops, "GFLOP/s", "TFLOP/s");
  }

  /** Bytes a second, given in GB/s. */
  static String memory(double gbps) {
    return text(gbps, "GB/s", "TB/s");
  }

  private static String text(double value, String giga, String tera) {
    return value >= TERA
        ? Figures.significant(value / TERA, 3) + " " + tera
        : Figures.significant(value, 3) + " " + giga;
  }
}
