// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** WFDB format 32: four bytes a sample, two's complement, least significant byte first. */
final class Format32 implements WritableFormat {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  @Override
  public int code() {
    return 32;
  }

  @Override
  public long missing() {
    return Integer.MIN_VALUE;
  }

  @Override
  public int group() {
    return 1;
  }

  @Override
  public long bytes(long samples) {
    return 4 * samples;
  }

  @Override
  public void decode(byte[] bytes, int count, int[] samples) {
    for (int i = 0; i < count; i++) {
      samples[i] = (int) WORDS.get(bytes, 4 * i);
    }
  }

  @Override
  public int bits() {
    return 32;
  }

  @Override
  public void encode(int[] samples, int count, byte[] bytes) {
    for (int i = 0; i < count; i++) {
      WORDS.set(bytes, 4 * i, samples[i]);
    }
  }
}
