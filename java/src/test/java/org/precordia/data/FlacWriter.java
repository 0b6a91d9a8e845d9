// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.ByteArrayOutputStream;

/**
 * Writes FLAC files bit by bit as RFC 9639 describes them, with every kind of subframe, residual
 * and stereo; shares nothing with the reader. It compresses nothing worth mentioning.
 */
final class FlacWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int current;
  private int used;

  /** How a subframe says its samples. */
  enum Kind {
    VERBATIM,
    FIXED_0,
    FIXED_1,
    FIXED_2,
    FIXED_3,
    FIXED_4,
    LINEAR
  }

  /** How channels are combined. */
  enum Stereo {
    INDEPENDENT,
    LEFT_SIDE,
    SIDE_RIGHT,
    MIDDLE_SIDE
  }

  FlacWriter bits(long value, int count) {
    for (int bit = count - 1; bit >= 0; bit--) {
      current = current << 1 | (int) (value >> bit & 1);
      if (++used == 8) {
        out.write(current);
        current = 0;
        used = 0;
      }
    }
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** The mark and the stream information. */
  FlacWriter begin(int channels, int width, long total) {
    bits(0x664C6143, 32).bits(0, 1).bits(0, 7).bits(34, 24);
    bits(16, 16).bits(65535, 16).bits(0, 24).bits(0, 24).bits(96000, 20);
    bits(channels - 1, 3).bits(width - 1, 5).bits(total, 36).bits(0, 64).bits(0, 64);
    // A padding block, which readers pass over.
    return bits(1, 1).bits(1, 7).bits(3, 24).bits(0, 24);
  }

  /** A frame of a block; {@code samples[channel][t]}. */
  FlacWriter frame(int number, int width, long[][] samples, Stereo stereo, Kind kind, int order) {
    int count = samples[0].length;
    int start = out.size();
    int assignment = stereo == Stereo.INDEPENDENT ? samples.length - 1 : 7 + stereo.ordinal();
    bits(0x3FFE, 14).bits(0, 1).bits(0, 1).bits(7, 4).bits(0, 4).bits(assignment, 4);
    bits(0, 3).bits(0, 1);
    if (number < 128) {
      bits(number, 8);
    } else {
      bits(0xC0 | number >> 6, 8).bits(0x80 | number & 63, 8);
    }
    bits(count - 1, 16);
    bits(crc(start, 8, 0x07), 8);
    for (int c = 0; c < samples.length; c++) {
      long[] channel = new long[count];
      for (int t = 0; t < count; t++) {
        long left = samples[0][t];
        long right = samples[samples.length - 1][t];
        boolean second = c == 1;
        channel[t] =
            switch (stereo) {
              case INDEPENDENT -> samples[c][t];
              case LEFT_SIDE -> second ? left - right : left;
              case SIDE_RIGHT -> second ? right : left - right;
              case MIDDLE_SIDE -> second ? left - right : left + right >> 1;
            };
      }
      boolean side =
          stereo == Stereo.SIDE_RIGHT && c == 0
              || stereo != Stereo.INDEPENDENT && stereo != Stereo.SIDE_RIGHT && c == 1;
      subframe(channel, side ? width + 1 : width, kind, order);
    }
    if (used > 0) {
      bits(0, 8 - used);
    }
    return bits(crc(start, 16, 0x8005), 16);
  }

  private void subframe(long[] samples, int width, Kind kind, int partitionOrder) {
    int wasted = 0;
    boolean constant = true;
    long all = 0;
    for (long sample : samples) {
      all |= sample;
      constant &= sample == samples[0];
    }
    while (all != 0 && (all >> wasted & 1) == 0) {
      wasted++;
    }
    long[] small = samples.clone();
    for (int t = 0; t < small.length; t++) {
      small[t] >>= wasted;
    }
    int stored = width - wasted;
    int order = kind.ordinal() - 1;
    int type =
        constant
            ? 0
            : switch (kind) {
              case VERBATIM -> 1;
              case LINEAR -> 31 + 2;
              default -> 8 + order;
            };
    bits(0, 1).bits(type, 6).bits(wasted == 0 ? 0 : 1, 1);
    if (wasted > 0) {
      bits(1, wasted);
    }
    if (constant) {
      bits(small[0], stored);
    } else if (kind == Kind.VERBATIM) {
      for (long sample : small) {
        bits(sample, stored);
      }
    } else if (kind == Kind.LINEAR) {
      linear(small, stored, partitionOrder);
    } else {
      for (int t = 0; t < order; t++) {
        bits(small[t], stored);
      }
      long[] residual = small.clone();
      for (int k = 0; k < order; k++) {
        for (int t = small.length - 1; t > k; t--) {
          residual[t] -= residual[t - 1];
        }
      }
      residual(residual, order, partitionOrder);
    }
  }

  /** Order 2, with weights of 1.5 and -0.75 in quarters. */
  private void linear(long[] samples, int stored, int partitionOrder) {
    bits(samples[0], stored).bits(samples[1], stored);
    bits(5 - 1, 4).bits(2, 5).bits(6, 5).bits(-3, 5);
    long[] residual = samples.clone();
    for (int t = 2; t < samples.length; t++) {
      residual[t] = samples[t] - (6 * samples[t - 1] - 3 * samples[t - 2] >> 2);
    }
    residual(residual, 2, partitionOrder);
  }

  /** Partitions in turn: Rice codes of different parameters, and one with plain numbers. */
  private void residual(long[] residual, int order, int partitionOrder) {
    int method = partitionOrder % 2;
    int parameterBits = method == 0 ? 4 : 5;
    bits(method, 2).bits(partitionOrder, 4);
    int length = residual.length >> partitionOrder;
    for (int p = 0; p < 1 << partitionOrder; p++) {
      int from = Math.max(order, p * length);
      long largest = 0;
      for (int t = from; t < (p + 1) * length; t++) {
        largest = Math.max(largest, Math.abs(residual[t]));
      }
      boolean plain = p % 3 == 1;
      int width = 65 - Long.numberOfLeadingZeros(largest);
      int parameter = Math.min((1 << parameterBits) - 2, Math.max(0, width - 3));
      bits(plain ? (1 << parameterBits) - 1 : parameter, parameterBits);
      if (plain) {
        bits(largest == 0 ? 0 : width, 5);
      }
      for (int t = from; t < (p + 1) * length; t++) {
        if (plain) {
          bits(residual[t], largest == 0 ? 0 : width);
        } else {
          long folded = residual[t] >= 0 ? 2 * residual[t] : -2 * residual[t] - 1;
          for (long zeros = folded >> parameter; zeros > 0; zeros--) {
            bits(0, 1);
          }
          bits(1, 1).bits(folded, parameter);
        }
      }
    }
  }

  /** A checksum over the bytes written since a position. */
  private int crc(int from, int width, int polynomial) {
    byte[] bytes = out.toByteArray();
    return crc(bytes, from, bytes.length, width, polynomial);
  }

  /** A checksum by division bit by bit. */
  static int crc(byte[] bytes, int from, int to, int width, int polynomial) {
    int remainder = 0;
    for (int i = from; i < to; i++) {
      for (int bit = 7; bit >= 0; bit--) {
        int top = remainder >> width - 1 & 1;
        remainder = remainder << 1 & (1 << width) - 1;
        if (top != (bytes[i] >> bit & 1)) {
          remainder ^= polynomial;
        }
      }
    }
    return remainder;
  }
}
