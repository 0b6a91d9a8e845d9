// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * WFDB format 311: three 10-bit two's complement samples in the low 30 bits of a four-byte word,
 * least significant byte and first sample lowest.
 */
final class Format311 implements PackedFormat {
  @Override
  public int code() {
    return 311;
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
    return samples / 3 * 4 + (samples % 3 * 10 + 7) / 8;
  }

  @Override
  public void decode(byte[] bytes, int count, int[] samples) {
    for (int i = 0; i < count; i++) {
      int bit = i % 3 * 10;
      int at = i / 3 * 4 + bit / 8;
      // Ten bits from any of these positions lie in two neighbouring bytes.
      int pair = bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
      samples[i] = signed(pair >> bit % 8);
    }
  }

  private static int signed(int tenBits) {
    return tenBits << 22 >> 22;
  }
}
