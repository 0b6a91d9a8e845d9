// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One of the storage formats of the WFDB manual's signal(5). A further format is a further class,
 * named in {@link Known}.
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

  /** The format of this number, where it is known. */
  static Optional<SampleFormat> of(int code) {
    return Optional.ofNullable(Known.BY_CODE.get(code));
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
                new Format311(),
                new FlacFormat(508),
                new FlacFormat(516),
                new FlacFormat(524))
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
