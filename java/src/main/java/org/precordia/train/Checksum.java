// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.zip.CRC32C;
import org.precordia.model.Weights;
import org.precordia.runtime.Stream;

/** What parameters of several ranks are compared by. */
final class Checksum {
  private Checksum() {}

  /** CRC-32C of parameters and of their average. */
  static long of(Stream stream, Weights weights, Weights average) {
    long first = crc(stream, weights);
    return first << Integer.SIZE | (average == weights ? 0 : crc(stream, average));
  }

  private static long crc(Stream stream, Weights weights) {
    CRC32C sum = new CRC32C();
    sum.update(weights.values().byteValues(stream));
    return sum.getValue();
  }
}
