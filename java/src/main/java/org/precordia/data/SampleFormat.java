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
  /** The number that names the format in a header. */
  int code();

  /** The decoded value that stands for a missing sample. */
  int missing();

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

  /** The known formats. */
  final class Known {
    private static final Map<Integer, SampleFormat> BY_CODE =
        Stream.of(new Format16(), new Format212())
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
