// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** WFDB format 61: two bytes a sample, two's complement, most significant byte first. */
final class Format61 implements PackedFormat {
  @Override
  public int code() {
    return 61;
  }

  @Override
  public long missing() {
    return Short.MIN_VALUE;
  }

  @Override
  public int group() {
    return 1;
  }

  @Override
  public long bytes(long samples) {
    return 2 * samples;
  }

  @Override
  public void decode(byte[] bytes, int count, int[] samples) {
    for (int i = 0; i < count; i++) {
      samples[i] = bytes[2 * i] << 8 | bytes[2 * i + 1] & 0xFF;
    }
  }
}
