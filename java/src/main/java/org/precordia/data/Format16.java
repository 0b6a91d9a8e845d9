// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** WFDB format 16: two bytes a sample, two's complement, least significant byte first. */
final class Format16 implements WritableFormat {
  @Override
  public int code() {
    return 16;
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
      samples[i] = bytes[2 * i] & 0xFF | bytes[2 * i + 1] << 8;
    }
  }

  @Override
  public int bits() {
    return 16;
  }

  @Override
  public void encode(int[] samples, int count, byte[] bytes) {
    for (int i = 0; i < count; i++) {
      bytes[2 * i] = (byte) samples[i];
      bytes[2 * i + 1] = (byte) (samples[i] >> 8);
    }
  }
}
