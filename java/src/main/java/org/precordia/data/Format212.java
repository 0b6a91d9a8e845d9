// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * WFDB format 212: two 12-bit two's complement samples in three bytes. The low nibble of the middle
 * byte is the top of the first sample, the high nibble that of the second.
 */
final class Format212 implements WritableFormat {
  @Override
  public int code() {
    return 212;
  }

  @Override
  public long missing() {
    return -2048;
  }

  @Override
  public int group() {
    return 2;
  }

  @Override
  public long bytes(long samples) {
    return samples / 2 * 3 + (samples % 2) * 2;
  }

  @Override
  public void decode(byte[] bytes, int count, int[] samples) {
    for (int i = 0; i < count; i += 2) {
      int at = i / 2 * 3;
      samples[i] = signed(bytes[at] & 0xFF | (bytes[at + 1] & 0x0F) << 8);
      if (i + 1 < count) {
        samples[i + 1] = signed(bytes[at + 2] & 0xFF | (bytes[at + 1] & 0xF0) << 4);
      }
    }
  }

  @Override
  public int bits() {
    return 12;
  }

  @Override
  public void encode(int[] samples, int count, byte[] bytes) {
    for (int i = 0; i < count; i += 2) {
      int at = i / 2 * 3;
      bytes[at] = (byte) samples[i];
      bytes[at + 1] = (byte) (samples[i] >> 8 & 0x0F);
      if (i + 1 < count) {
        bytes[at + 1] |= (byte) (samples[i + 1] >> 4 & 0xF0);
        bytes[at + 2] = (byte) samples[i + 1];
      }
    }
  }

  private static int signed(int twelveBits) {
    return twelveBits << 20 >> 20;
  }
}
