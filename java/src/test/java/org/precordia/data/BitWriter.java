// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Writes samples in every packed WFDB format by setting bit after bit where the manual's signal(5)
 * says it lies; shares nothing with the readers.
 */
final class BitWriter {
  private BitWriter() {}

  /** The bytes of a signal file. */
  static byte[] encode(int format, int[] samples) {
    long last = 0;
    for (int i = 0; i < samples.length; i++) {
      last = Math.max(last, Arrays.stream(positions(format, i)).max().orElseThrow() / 8);
    }
    byte[] bytes = new byte[Math.toIntExact(last + 1)];
    int offset = format == 80 ? 128 : format == 160 ? 32768 : 0;
    for (int i = 0; i < samples.length; i++) {
      long[] positions = positions(format, i);
      long value = (long) samples[i] + offset;
      for (int bit = 0; bit < positions.length; bit++) {
        if ((value >> bit & 1) != 0) {
          bytes[(int) (positions[bit] / 8)] |= (byte) (1 << positions[bit] % 8);
        }
      }
    }
    return bytes;
  }

  /** Bits of a sample. */
  static int bits(int format) {
    return positions(format, 0).length;
  }

  /** Where the bits of sample {@code i} lie, lowest first, counted from the file's first bit. */
  private static long[] positions(int format, long i) {
    return switch (format) {
      case 8, 80 -> run(8 * i, 8);
      case 16, 160 -> run(16 * i, 16);
      case 24 -> run(24 * i, 24);
      case 32 -> run(32 * i, 32);
      case 61 -> join(run(16 * i + 8, 8), run(16 * i, 8));
      case 212 ->
          i % 2 == 0
              ? join(run(i / 2 * 24, 8), run(i / 2 * 24 + 8, 4))
              : join(run(i / 2 * 24 + 16, 8), run(i / 2 * 24 + 12, 4));
      case 310 ->
          switch ((int) (i % 3)) {
            case 0 -> run(i / 3 * 32 + 1, 10);
            case 1 -> run(i / 3 * 32 + 17, 10);
            default -> join(run(i / 3 * 32 + 11, 5), run(i / 3 * 32 + 27, 5));
          };
      case 311 -> run(i / 3 * 32 + i % 3 * 10, 10);
      default -> throw new IllegalArgumentException("format " + format);
    };
  }

  private static long[] run(long from, int count) {
    return LongStream.range(from, from + count).toArray();
  }

  private static long[] join(long[] low, long[] high) {
    return LongStream.concat(Arrays.stream(low), Arrays.stream(high)).toArray();
  }
}
