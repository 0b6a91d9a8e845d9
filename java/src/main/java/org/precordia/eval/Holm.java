// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Holm's step-down correction of several tests (Holm 1979): the chance that any of a family is
 * called wrongly stays below the level, however the tests depend on each other.
 */
public final class Holm {
  private Holm() {}

  /**
   * Adjusts the p of a family.
   *
   * @param p one a test; NaN for one that could not be made, which does not count
   * @return adjusted p in the same order
   */
  public static double[] adjust(double... p) {
    List<Integer> order =
        IntStream.range(0, p.length)
            .filter(i -> !Double.isNaN(p[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .toList();
    double[] adjusted = p.clone();
    double largest = 0;
    for (int place = 0; place < order.size(); place++) {
      int test = order.get(place);
      largest = Math.max(largest, Math.min(1, p[test] * (order.size() - place)));
      adjusted[test] = largest;
    }
    return adjusted;
  }
}
