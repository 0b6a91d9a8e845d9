// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** A storage format that records are also written in. */
interface WritableFormat extends PackedFormat {
  /** Bits of a sample; its lowest value stands for a missing one. */
  int bits();

  /**
   * Encodes samples; the inverse of {@link #decode}.
   *
   * @param count number of samples
   * @param bytes receives {@code bytes(count)} bytes from index 0
   */
  void encode(int[] samples, int count, byte[] bytes);

  /** The largest value that is a sample; the smallest is its negative. */
  default int largest() {
    return (int) ((1L << bits() - 1) - 1);
  }
}
