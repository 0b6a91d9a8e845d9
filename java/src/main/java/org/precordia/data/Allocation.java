// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;

/**
 * Keeps what a file makes its reader allocate in proportion to the file, whatever counts it claims:
 * samples may take at most {@value #BYTES_PER_BYTE} bytes of memory for each byte of the files, and
 * may always take {@value #ALWAYS} bytes.
 */
final class Allocation {
  static final int BYTES_PER_BYTE = 64;
  static final long ALWAYS = 64L << 20;

  /** Longest array that every Java virtual machine can make. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private Allocation() {}

  /**
   * Checks that signals may be held in memory.
   *
   * @param file named when they may not
   * @param fileBytes size of all files that were given
   * @param signals number of signals
   * @param length samples of each
   * @return the length, which fits an array
   * @throws DataException when they take too much
   */
  static int check(Path file, long fileBytes, int signals, long length) throws DataException {
    if (length > LONGEST) {
      throw new DataException(
          file,
          "the record has " + length + " samples a lead, too many to hold at once",
          "read it by range");
    }
    long needed = Float.BYTES * length * signals;
    if (needed > ALWAYS && needed / BYTES_PER_BYTE > fileBytes) {
      throw new DataException(
          file,
          "announces "
              + length
              + " samples of "
              + signals
              + " signals, which "
              + fileBytes
              + " bytes cannot hold but for gaps or constant signals",
          "correct the header, or read it by range");
    }
    return (int) length;
  }
}
