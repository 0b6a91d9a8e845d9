// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One of the storage formats of the WFDB manual's signal(5): how consecutive samples lie in bytes.
 * Samples are decoded in blocks of whole groups, so that a range of a long file can be read by
 * itself. A further format is a further class, named in {@link #of}.
 */
interface SampleFormat {
  /** Says of a format that it cannot mark a sample as missing. */
  long NONE = Long.MIN_VALUE;

  /** The number that names the format in a header. */
  int code();

  /** The decoded value that stands for a missing sample, or {@link #NONE}. */
  long missing();

  /** Whether samples are stored as differences from the one before of the same signal. */
  default boolean differences() {
    return false;
  }

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

  /** The format of this number, where it is known. */
  static Optional<SampleFormat> of(int code) {
    return Optional.ofNullable(Known.BY_CODE.get(code));
  }

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

  /** The known formats. */
  final class Known {
    private static final Map<Integer, SampleFormat> BY_CODE =
        Stream.of(
                new Format8(),
                new Format16(),
                new Format24(),
                new Format32(),
                new Format61(),
                new Format80(),
                new Format160(),
                new Format212(),
                new Format310(),
                new Format311())
            .collect(Collectors.toUnmodifiableMap(SampleFormat::code, Function.identity()));

    private Known() {}

    static String list() {
      return BY_CODE.keySet().stream()
          .sorted()
          .map(String::valueOf)
          .collect(Collectors.joining(", "));
    }
  }
}
