// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All pairs among many vectors whose squared distance is at most a limit, exactly, without
 * comparing all with all.
 *
 * <p>Of two near vectors, at least one half of the components differs by at most half the limit.
 * For each half, vectors are sorted into cells by the signs of its components. Where two of a pair
 * have different signs in a component, they differ in it by at least the magnitude of either; so a
 * vector's partners lie in its own cell or in one that is reached by flipping signs of components
 * whose squares sum to at most half the limit. With 32 components of unit variance and a limit of
 * 0.64 these are some 90 of 65,536 cells for each half, half of which are looked at because a pair
 * is met from either side.
 *
 * <p>Time is proportional to the number of vectors up to some millions, unless very many of them
 * are near each other: every pair is told.
 */
final class NearPairs {
  private static final int MOST_BITS = 16;

  /** Vectors in a cell that are worth looking at one after the other. */
  private static final int CELL = 8;

  /** Vectors whose partners are looked for by one task. */
  private static final int TASK = 1 << 13;

  /** Rounding must not lose a pair that lies at the limit. */
  private static final double SLACK = 1 + 1e-9;

  private final VectorList vectors;
  private final double limit;
  private final int from;
  private final int width;
  private final int bits;

  /** Vectors by cell, the first vector of each cell, and their components of this half. */
  private final int[] order;

  private final int[] cells;
  private final float[] sorted;

  private NearPairs(VectorList vectors, double limit, int from, int width) {
    this.vectors = vectors;
    this.limit = limit;
    this.from = from;
    this.width = width;
    int n = vectors.size();
    int wanted = Integer.SIZE - Integer.numberOfLeadingZeros(n / CELL);
    this.bits = Math.min(Math.min(wanted, width), MOST_BITS);
    this.cells = new int[(1 << bits) + 1];
    int[] keys = new int[n];
    for (int i = 0; i < n; i++) {
      keys[i] = key(vectors, i);
      cells[keys[i] + 1]++;
    }
    Arrays.parallelPrefix(cells, Integer::sum);
    int[] next = Arrays.copyOf(cells, cells.length - 1);
    this.order = new int[n];
    this.sorted = new float[Math.multiplyExact(n, width)];
    for (int i = 0; i < n; i++) {
      int place = next[keys[i]]++;
      order[place] = i;
      vectors.copy(i, from, width, sorted, place * width);
    }
  }

  private int key(VectorList vectors, int i) {
    int key = 0;
    for (int bit = 0; bit < bits; bit++) {
      key |= vectors.get(i, from + bit) < 0 ? 1 << bit : 0;
    }
    return key;
  }

  /**
   * Finds the pairs.
   *
   * @param limit on the sum of squared differences
   * @return first, second, first, second, …; pairs in no particular order, some of them twice
   */
  static List<int[]> find(VectorList vectors, double limit) {
    int half = vectors.width() / 2;
    List<int[]> first = new NearPairs(vectors, limit, 0, half).find();
    List<int[]> second = new NearPairs(vectors, limit, half, vectors.width() - half).find();
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private List<int[]> find() {
    int tasks = (order.length + TASK - 1) / TASK;
    return IntStream.range(0, tasks)
        .parallel()
        .mapToObj(
            task -> {
              Search search = new Search();
              search.run(task * TASK, Math.min((task + 1) * TASK, order.length));
              return search.pairs.toArray();
            })
        .toList();
  }

  /** Looks for the partners of one vector after the other. */
  private final class Search {
    private final IntList pairs = new IntList();
    private final double[] squares = new double[bits];
    private final int[] flips = new int[bits];
    private int at;
    private int key;

    void run(int first, int end) {
      key = 0;
      for (at = first; at < end; at++) {
        while (cells[key + 1] <= at) {
          key++;
        }
        sortComponents();
        visit(0, key, limit / 2 * SLACK);
      }
    }

    /** Smallest magnitudes first, so that the sum can only grow faster. */
    private void sortComponents() {
      for (int bit = 0; bit < bits; bit++) {
        double value = sorted[at * width + bit];
        double square = value * value;
        int place = bit;
        while (place > 0 && squares[place - 1] > square) {
          squares[place] = squares[place - 1];
          flips[place] = flips[place - 1];
          place--;
        }
        squares[place] = square;
        flips[place] = 1 << bit;
      }
    }

    /** Visits the cell reached so far, and those reached by further flips from component on. */
    private void visit(int component, int cell, double budget) {
      if (cell >= key) {
        compare(Math.max(cells[cell], at + 1), cells[cell + 1]);
      }
      for (int c = component; c < bits && squares[c] <= budget; c++) {
        visit(c + 1, cell ^ flips[c], budget - squares[c]);
      }
    }

    private void compare(int first, int end) {
      for (int other = first; other < end; other++) {
        double sum = 0;
        double most = limit / 2 * SLACK;
        for (int k = 0; k < width && sum <= most; k++) {
          double difference = sorted[at * width + k] - sorted[other * width + k];
          sum += difference * difference;
        }
        if (sum <= most && near(order[at], order[other])) {
          pairs.add(order[at]);
          pairs.add(order[other]);
        }
      }
    }
  }

  private boolean near(int a, int b) {
    double sum = 0;
    for (int k = 0; k < vectors.width() && sum <= limit; k++) {
      double difference = vectors.get(a, k) - vectors.get(b, k);
      sum += difference * difference;
    }
    return sum <= limit;
  }
}
