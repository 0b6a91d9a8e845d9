// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** WFDB format 80: one byte a sample, offset by 128. */
final class Format80 implements PackedFormat {
  @Override
  public int code() {
    return 80;
  }

  @Override
  public long missing() {
    return Byte.MIN_VALUE;
  }

  @Override
  public int group() {
    return 1;
  }

  @Override
  public long bytes(long samples) {
    return samples;
  }

  @Override
  public void decode(byte[] bytes, int count, int[] samples) {
    for (int i = 0; i < count; i++) {
      samples[i] = (bytes[i] & 0xFF) - 128;
    }
  }
}
