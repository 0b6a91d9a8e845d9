// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Arrays;

/** Times of which nobody knows beforehand how many there are. */
final class DoubleList {
  private double[] values = new double[1024];
  private int size;

  void add(double value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.addExact(size, size));
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  double[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
