// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.precordia.model.Weights;
import org.precordia.runtime.Stream;

/** What parameters of several ranks are compared by. */
final class Checksum {
  private Checksum() {}

  /** The first rank whose parameters or average are not the first rank's, on all ranks. */
  static OptionalInt rankThatDiffers(
      Stream stream, TrainingRanks ranks, Weights weights, Weights average) {
    if (!ranks.several()) {
      return OptionalInt.empty();
    }
    long[] sums = ranks.each(stream, of(stream, weights, average));
    return IntStream.range(1, sums.length).filter(rank -> sums[rank] != sums[0]).findFirst();
  }

  /** CRC-32C of parameters and of their average. */
  private static long of(Stream stream, Weights weights, Weights average) {
    long first = crc(stream, weights);
    return first << Integer.SIZE | (average == weights ? 0 : crc(stream, average));
  }

  private static long crc(Stream stream, Weights weights) {
    CRC32C sum = new CRC32C();
    sum.update(weights.values().byteValues(stream));
    return sum.getValue();
  }
}
