// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import org.precordia.benchmark.Measurement;

/**
 * What a measured op had to do a second, as far as its line says.
 *
 * @param intensity operations a byte
 * @param gflops operations a second in GFLOP/s
 */
record Work(double intensity, double gflops) {
  private static final double GIGA_PER_MS = 1e-6;
  private static final double TERA = 1000;

  /**
   * Reads a line. Matrix products of a GPU's ceilings tell their rates in tera, and blocks of the
   * dilated stack of older files nothing: theirs follow from width and rows, 8 C² operations a row
   * forward and 16 C² backward, with two or three activations of C a row to move.
   */
  static Work of(Measurement line) {
    double gflops = line.number("gflops");
    double intensity = line.number("intensity");
    if (line.unit().equals("TFLOP/s") && line.json().has("terabytes_per_second")) {
      return new Work(line.value() / line.number("terabytes_per_second"), TERA * line.value());
    }
    if (Double.isNaN(intensity)) {
      intensity = line.number("operations") / line.number("bytes");
    }
    if (Double.isNaN(intensity) && line.id().subject().startsWith("block ")) {
      return block(line);
    }
    return new Work(intensity, gflops);
  }

  private static Work block(Measurement line) {
    double width = size(line, "width");
    double rows = size(line, "rows");
    boolean backward =
        line.id().subject().contains("backward") && !line.id().subject().contains("saving");
    double operations = (backward ? 16 : 8) * width * width * rows;
    double element = line.id().precision().equals("bf16") ? Short.BYTES : Float.BYTES;
    double bytes = (backward ? 3 : 2) * element * width * rows;
    return new Work(operations / bytes, operations / line.medianMs() * GIGA_PER_MS);
  }

  private static double size(Measurement line, String name) {
    String text = line.id().shape().getOrDefault(name, "");
    return text.matches("\\d+") ? Double.parseDouble(text) : Double.NaN;
  }

  /** Whether there is a place for it on a roofline. */
  boolean known() {
    return intensity > 0 && gflops > 0;
  }
}
