// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shapes that ops are timed at: all combinations of the sizes of each letter, as in {@code
 * B=16,128;L=256;C=64,128;N=512,4096}. Letters that are left out keep their default.
 *
 * @param shapes the combinations
 */
public record ShapeGrid(List<Shape> shapes) {
  /** What is timed unless said otherwise. */
  public static final String DEFAULT = "B=16,128;L=256;C=64,128;N=512,4096";

  private static final Pattern PART = Pattern.compile("([A-Z])=(\\d{1,9}(?:,\\d{1,9})*)");

  public ShapeGrid {
    shapes = List.copyOf(shapes);
  }

  /**
   * Reads a grid.
   *
   * @throws IllegalArgumentException when the text is none; the message says what is wrong
   */
  public static ShapeGrid parse(String text) {
    Map<String, List<Integer>> sizes = new LinkedHashMap<>(read(DEFAULT));
    Map<String, List<Integer>> given = read(text);
    for (String letter : given.keySet()) {
      if (!sizes.containsKey(letter)) {
        throw new IllegalArgumentException(
            "a grid of shapes has no %s: choose among B, L, C and N".formatted(letter));
      }
    }
    sizes.putAll(given);
    List<Shape> shapes = new ArrayList<>();
    for (int batch : sizes.get("B")) {
      for (int length : sizes.get("L")) {
        for (int channels : sizes.get("C")) {
          for (int entries : sizes.get("N")) {
            shapes.add(new Shape(batch, length, channels, entries));
          }
        }
      }
    }
    return new ShapeGrid(shapes);
  }

  private static Map<String, List<Integer>> read(String text) {
    Map<String, List<Integer>> sizes = new LinkedHashMap<>();
    for (String part : text.strip().split("[; ]+")) {
      Matcher parts = PART.matcher(part);
      if (!parts.matches()) {
        throw new IllegalArgumentException(
            "'%s' is no size of a grid: write for example B=16,128;C=64".formatted(part));
      }
      List<Integer> values = new ArrayList<>();
      for (String value : parts.group(2).split(",")) {
        values.add(Integer.valueOf(value));
      }
      sizes.put(parts.group(1), values);
    }
    return sizes;
  }
}
