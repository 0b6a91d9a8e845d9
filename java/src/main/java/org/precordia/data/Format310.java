// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * WFDB format 310: three 10-bit two's complement samples in two pairs of bytes, each pair least
 * significant byte first. Bits 1 to 10 of a pair are a sample; the five bits above them are half of
 * the third sample, its low half in the first pair.
 */
final class Format310 implements PackedFormat {
  @Override
  public int code() {
    return 310;
  }

  @Override
  public long missing() {
    return -512;
  }

  @Override
  public int group() {
    return 3;
  }

  @Override
  public long bytes(long samples) {
    return samples / 3 * 4 + samples % 3 * 2;
  }

  @Override
  public void decode(byte[] bytes, int count, int[] samples) {
    for (int i = 0; i < count; i += 3) {
      int at = i / 3 * 4;
      int first = pair(bytes, at);
      samples[i] = signed(first >> 1);
      if (i + 1 < count) {
        int second = pair(bytes, at + 2);
        samples[i + 1] = signed(second >> 1);
        if (i + 2 < count) {
          samples[i + 2] = signed(first >> 11 | second >> 11 << 5);
        }
      }
    }
  }

  private static int pair(byte[] bytes, int at) {
    return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
  }

  private static int signed(int tenBits) {
    return tenBits << 22 >> 22;
  }
}
