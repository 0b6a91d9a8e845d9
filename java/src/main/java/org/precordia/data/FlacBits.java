// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Bits of a FLAC file, most significant first, and the two checksums that its frames carry over the
 * bytes gone by.
 */
final class FlacBits implements Closeable {
  private static final int CRC8_POLYNOMIAL = 0x07;
  private static final int CRC16_POLYNOMIAL = 0x8005;
  private static final int[] CRC8 = new int[256];
  private static final int[] CRC16 = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int eight = i;
      int sixteen = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        eight = eight << 1 ^ ((eight & 0x80) == 0 ? 0 : CRC8_POLYNOMIAL);
        sixteen = sixteen << 1 ^ ((sixteen & 0x8000) == 0 ? 0 : CRC16_POLYNOMIAL);
      }
      CRC8[i] = eight & 0xFF;
      CRC16[i] = sixteen & 0xFFFF;
    }
  }

  private final InputStream in;
  private int current;
  private int left;
  private int crc8;
  private int crc16;

  FlacBits(InputStream in) {
    this.in = in;
  }

  /** Begins both checksums anew; the position must be at a whole byte. */
  void beginChecksums() {
    crc8 = 0;
    crc16 = 0;
  }

  int crc8() {
    return crc8;
  }

  int crc16() {
    return crc16;
  }

  /**
   * An unsigned number.
   *
   * @param count bits, 0 to 32
   * @throws EOFException when the file ends before
   */
  long unsigned(int count) throws IOException {
    long value = 0;
    int wanted = count;
    while (wanted > 0) {
      if (left == 0) {
        fetch();
      }
      int take = Math.min(wanted, left);
      value = value << take | current >>> left - take & (1 << take) - 1;
      left -= take;
      wanted -= take;
    }
    return value;
  }

  /**
   * A number in two's complement.
   *
   * @param count bits, 1 to 33
   */
  long signed(int count) throws IOException {
    long high = count > 32 ? unsigned(count - 32) : 0;
    long value = high << 32 | unsigned(Math.min(count, 32));
    return value << 64 - count >> 64 - count;
  }

  /** Number of zeros before the next one, which is read too; stops beyond a limit. */
  int zeros(int limit) throws IOException {
    int zeros = 0;
    while (unsigned(1) == 0) {
      zeros++;
      if (zeros > limit) {
        return zeros;
      }
    }
    return zeros;
  }

  /** Goes to the next whole byte. */
  void align() {
    left = 0;
  }

  /** Passes over whole bytes. */
  void skip(long bytes) throws IOException {
    align();
    in.skipNBytes(bytes);
  }

  private void fetch() throws IOException {
    current = in.read();
    if (current < 0) {
      throw new EOFException();
    }
    left = 8;
    crc8 = CRC8[crc8 ^ current];
    crc16 = crc16 << 8 & 0xFFFF ^ CRC16[crc16 >>> 8 ^ current];
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
