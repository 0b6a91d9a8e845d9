// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sizes that an op is timed at. Leads, targets, labels and embedding are those of the default
 * network.
 *
 * @param batch B, windows
 * @param length L, samples of a window
 * @param channels C
 * @param entries N, embeddings that the contrastive loss compares
 */
public record Shape(int batch, int length, int channels, int entries) {
  /** n, input leads. */
  public static final int LEADS = 3;

  /** T, leads that are reconstructed. */
  public static final int TARGETS = 5;

  /** K, labels. */
  public static final int LABELS = 44;

  /** D, length of an embedding. */
  public static final int EMBEDDING = 128;

  /** S, leads that are stored. */
  public static final int STORED = 8;

  public Shape {
    require("B", batch, 1);
    require("L", length, 8);
    require("C", channels, 8);
    require("N", entries, 2);
    if (channels % 8 != 0) {
      throw new IllegalArgumentException("C must be a multiple of 8, was " + channels);
    }
  }

  private static void require(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s must be at least %d, was %d".formatted(name, least, value));
    }
  }

  /** B·L: one sample of one window. */
  public long rows() {
    return (long) batch * length;
  }

  /** Elements of an activation, B·L·C. */
  public long elements() {
    return rows() * channels;
  }

  /** The sizes that an op depends on, by name, as they stand in a result file. */
  SortedMap<String, String> of(String names) {
    Map<Character, Integer> sizes = Map.of('B', batch, 'L', length, 'C', channels, 'N', entries);
    SortedMap<String, String> shape = new TreeMap<>();
    for (char name : names.toCharArray()) {
      shape.put(String.valueOf(name), String.valueOf(sizes.get(name)));
    }
    return shape;
  }
}
