// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** WFDB format 24: three bytes a sample, two's complement, least significant byte first. */
final class Format24 implements WritableFormat {
  @Override
  public int code() {
    return 24;
  }

  @Override
  public long missing() {
    return -(1 << 23);
  }

  @Override
  public int group() {
    return 1;
  }

  @Override
  public long bytes(long samples) {
    return 3 * samples;
  }

  @Override
  public void decode(byte[] bytes, int count, int[] samples) {
    for (int i = 0; i < count; i++) {
      int at = 3 * i;
      samples[i] = bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | bytes[at + 2] << 16;
    }
  }

  @Override
  public int bits() {
    return 24;
  }

  @Override
  public void encode(int[] samples, int count, byte[] bytes) {
    for (int i = 0; i < count; i++) {
      bytes[3 * i] = (byte) samples[i];
      bytes[3 * i + 1] = (byte) (samples[i] >> 8);
      bytes[3 * i + 2] = (byte) (samples[i] >> 16);
    }
  }
}
