// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.util.Arrays;

/**
 * A FLAC file (RFC 9639) of 16 bits a sample as a fast encoder writes it: blocks of 4096 samples,
 * each channel predicted from its last two samples, what is left in Rice codes of one parameter a
 * block.
 */
final class FlacFile {
  private static final int BITS = 16;
  private static final int BLOCK = 4096;
  private static final int ORDER = 2;

  private byte[] bytes = new byte[1 << 16];
  private int used;
  private long pending;
  private int pendingBits;

  private FlacFile() {}

  /** Encodes {@code [channel][sample]}, at most eight channels. */
  static byte[] encode(int[][] samples) {
    FlacFile file = new FlacFile();
    file.begin(samples.length, samples[0].length);
    for (int from = 0, frame = 0; from < samples[0].length; from += BLOCK, frame++) {
      file.frame(samples, from, Math.min(BLOCK, samples[0].length - from), frame);
    }
    return Arrays.copyOf(file.bytes, file.used);
  }

  private void bits(long value, int count) {
    for (int left = count; left > 0; ) {
      int taken = Math.min(left, Byte.SIZE - pendingBits);
      pending = pending << taken | value >> left - taken & (1L << taken) - 1;
      pendingBits += taken;
      left -= taken;
      if (pendingBits == Byte.SIZE) {
        if (used == bytes.length) {
          bytes = Arrays.copyOf(bytes, 2 * used);
        }
        bytes[used++] = (byte) pending;
        pending = 0;
        pendingBits = 0;
      }
    }
  }

  /** The mark, and the one block of metadata that must be there; digest and sizes are unknown. */
  private void begin(int channels, int length) {
    bits(0x664C6143, 32);
    bits(1, 1);
    bits(0, 7);
    bits(34, 24);
    bits(BLOCK, 16);
    bits(BLOCK, 16);
    bits(0, 48);
    bits(96_000, 20);
    bits(channels - 1, 3);
    bits(BITS - 1, 5);
    bits(length, 36);
    bits(0, 64);
    bits(0, 64);
  }

  private void frame(int[][] samples, int from, int count, int number) {
    int start = used;
    // Fixed block size, said in 16 bits; rate and width as in the metadata; independent channels.
    bits(0xFFF8, 16);
    bits(0x70, 8);
    bits(samples.length - 1, 4);
    bits(0, 4);
    if (number < 0x80) {
      bits(number, 8);
    } else {
      bits(0xC0 | number >> 6, 8);
      bits(0x80 | number & 0x3F, 8);
    }
    bits(count - 1, 16);
    bits(remainder(start, 0x07, 8), 8);
    for (int[] channel : samples) {
      subframe(channel, from, count);
    }
    bits(0, (Byte.SIZE - pendingBits) % Byte.SIZE);
    bits(remainder(start, 0x8005, 16), 16);
  }

  private void subframe(int[] samples, int from, int count) {
    if (count <= ORDER) {
      bits(1 << 1, 8);
      for (int t = from; t < from + count; t++) {
        bits(samples[t], BITS);
      }
      return;
    }
    bits(8 + ORDER << 1, 8);
    bits(samples[from], BITS);
    bits(samples[from + 1], BITS);
    int[] folded = new int[count - ORDER];
    long sum = 0;
    for (int i = 0; i < folded.length; i++) {
      int t = from + ORDER + i;
      int left = samples[t] - 2 * samples[t - 1] + samples[t - 2];
      folded[i] = left << 1 ^ left >> 31;
      sum += folded[i];
    }
    int parameter = Math.min(14, Long.SIZE - Long.numberOfLeadingZeros(sum / folded.length) - 1);
    parameter = Math.max(0, parameter);
    bits(0, 6);
    bits(parameter, 4);
    for (int value : folded) {
      for (int zeros = value >> parameter; zeros > 0; zeros -= Math.min(zeros, Integer.SIZE)) {
        bits(0, Math.min(zeros, Integer.SIZE));
      }
      bits(1, 1);
      bits(value, parameter);
    }
  }

  /** Remainder of the bytes since a position, as a polynomial of GF(2), by another. */
  private int remainder(int from, int polynomial, int width) {
    int rest = 0;
    for (int i = from; i < used; i++) {
      rest ^= (bytes[i] & 0xFF) << width - Byte.SIZE;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        boolean carry = (rest >> width - 1 & 1) != 0;
        rest = rest << 1 ^ (carry ? polynomial : 0);
      }
      rest &= (1 << width) - 1;
    }
    return rest;
  }
}
