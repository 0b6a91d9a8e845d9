// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * WFDB formats 508, 516 and 524: a FLAC file with a channel a signal, of up to 8, 16 or 24 bits.
 *
 * @param code 508, 516 or 524
 */
record FlacFormat(int code) implements SampleFormat {
  /** Bits of a sample at most. */
  int bits() {
    return code - 500;
  }

  @Override
  public long missing() {
    return -(1L << bits() - 1);
  }
}
