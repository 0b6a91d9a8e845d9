// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Arrays;

/** Samples of which nobody knows beforehand how many there are. */
final class FloatList {
  private float[] values = new float[1024];
  private int size;

  void add(float value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Math.addExact(size, size));
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  float get(int index) {
    return values[index];
  }

  float[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
