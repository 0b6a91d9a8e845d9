// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The figures that {@code make_figures.py} made with scipy. */
final class Figures {
  private static final Map<String, double[]> ROWS = load();

  private Figures() {}

  static double[] get(String name, Object parameters) {
    double[] row = ROWS.get(name + "," + parameters);
    if (row == null) {
      throw new IllegalArgumentException("figures.csv has no " + name + "," + parameters);
    }
    return row.clone();
  }

  /** Largest difference over the largest reference value. */
  static double relativeError(double[] actual, double[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError(actual.length + " samples, expected " + expected.length);
    }
    double difference = 0;
    double scale = 0;
    for (int i = 0; i < actual.length; i++) {
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
      scale = Math.max(scale, Math.abs(expected[i]));
      if (Double.isNaN(actual[i])) {
        return Double.NaN;
      }
    }
    return difference / scale;
  }

  private static Map<String, double[]> load() {
    Map<String, double[]> rows = new LinkedHashMap<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Figures.class.getResourceAsStream("figures.csv"), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] fields = line.split(",");
        rows.put(
            fields[0] + "," + fields[1],
            Arrays.stream(fields).skip(2).mapToDouble(Double::parseDouble).toArray());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
