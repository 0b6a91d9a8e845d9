// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;

/**
 * A figure over seeds.
 *
 * @param values a value a seed, in order
 */
public record Spread(List<Double> values) {
  public Spread {
    values = List.copyOf(values);
  }

  /** The mean; NaN without values. */
  public double mean() {
    return values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
  }

  /** The standard deviation (n − 1); NaN with fewer than two values. */
  public double deviation() {
    if (values.size() < 2) {
      return Double.NaN;
    }
    double mean = mean();
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (values.size() - 1));
  }
}
