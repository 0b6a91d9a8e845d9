// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.util.ArrayList;
import java.util.List;
import org.precordia.benchmark.Timing;

/**
 * Contestants of one task, timed in turns: in every round each has a turn, forwards and backwards
 * by turns of rounds, so that whatever drifts meets all alike.
 */
final class Turns {
  private static final int WARM_UPS = 2;

  private Turns() {}

  /**
   * Measures.
   *
   * @param seconds for all of it; every contestant makes at least one timed pass a round
   */
  static List<Timing> measure(List<Work> contestants, int rounds, double seconds) {
    List<Timing> timings = contestants.stream().map(any -> new Timing()).toList();
    double sliceMs = 1e3 * seconds / (rounds * contestants.size());
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < contestants.size(); i++) {
        int turn = round % 2 == 0 ? i : contestants.size() - 1 - i;
        timings.get(turn).add(turn(contestants.get(turn), sliceMs));
      }
    }
    return timings;
  }

  private static double[] turn(Work work, double sliceMs) {
    // The first passes meet caches and threads that the contestant before has left.
    for (int i = 0; i < WARM_UPS; i++) {
      work.run();
    }
    List<Double> passes = new ArrayList<>();
    double spent = 0;
    while (passes.isEmpty() || spent < sliceMs) {
      long begin = System.nanoTime();
      work.run();
      double milliseconds = (System.nanoTime() - begin) * 1e-6;
      passes.add(milliseconds);
      spent += milliseconds;
    }
    return passes.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
