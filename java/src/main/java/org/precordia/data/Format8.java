// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** WFDB format 8: one signed byte a sample, the difference from the sample before. */
final class Format8 implements PackedFormat {
  @Override
  public int code() {
    return 8;
  }

  @Override
  public long missing() {
    return NONE;
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
      samples[i] = bytes[i];
    }
  }

  @Override
  public boolean differences() {
    return true;
  }
}
