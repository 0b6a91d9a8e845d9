// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * A storage format in which every group of samples takes the same number of bytes. Samples are
 * decoded in blocks of whole groups, so that a range of a long file can be read by itself.
 */
interface PackedFormat extends SampleFormat {
  /** Samples that share bytes; a block starts at a multiple of this. */
  int group();

  /** Bytes that this many samples occupy from the start of a group. */
  long bytes(long samples);

  /**
   * Decodes samples.
   *
   * @param bytes {@code bytes(count)} bytes from the start of a group
   * @param count number of samples
   * @param samples receives them from index 0
   */
  void decode(byte[] bytes, int count, int[] samples);

  /** Most samples that this many bytes hold from the start of a group. */
  default long samplesIn(long bytes) {
    long whole = bytes / bytes(group()) * group();
    long rest = bytes - bytes(whole);
    int more = 0;
    while (more + 1 < group() && bytes(more + 1) <= rest) {
      more++;
    }
    return whole + more;
  }
}
