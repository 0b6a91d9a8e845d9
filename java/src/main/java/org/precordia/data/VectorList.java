// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.ArrayList;
import java.util.List;

/** Many vectors of one width, four bytes a component and no more. */
final class VectorList {
  private static final int BLOCK = 1 << 12;

  private final int width;
  private final List<float[]> blocks = new ArrayList<>();
  private int size;

  VectorList(int width) {
    this.width = width;
  }

  int width() {
    return width;
  }

  int size() {
    return size;
  }

  void add(float[] vector) {
    if (size % BLOCK == 0) {
      blocks.add(new float[BLOCK * width]);
    }
    System.arraycopy(vector, 0, blocks.getLast(), size % BLOCK * width, width);
    size++;
  }

  float get(int vector, int component) {
    return blocks.get(vector / BLOCK)[vector % BLOCK * width + component];
  }

  void copy(int vector, int from, int count, float[] into, int at) {
    System.arraycopy(blocks.get(vector / BLOCK), vector % BLOCK * width + from, into, at, count);
  }
}
