// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An amount of memory on the command line: {@code 8GiB}, {@code 1.5G}, {@code 512MiB}, or a number
 * of bytes. Units are powers of 1024.
 *
 * @param bytes the amount
 */
record ByteSize(long bytes) {
  private static final Pattern TEXT = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([KMGT]?)(?:I?B)?");
  private static final Map<String, Integer> SHIFTS =
      Map.of("", 0, "K", 10, "M", 20, "G", 30, "T", 40);

  /** Reads an amount. */
  static final class Converter implements ITypeConverter<ByteSize> {
    @Override
    public ByteSize convert(String text) {
      Matcher parts = TEXT.matcher(text.toUpperCase(Locale.ROOT));
      if (parts.matches()) {
        BigDecimal unit = BigDecimal.valueOf(1L << SHIFTS.get(parts.group(2)));
        BigDecimal bytes = new BigDecimal(parts.group(1)).multiply(unit);
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0) {
          return new ByteSize(bytes.longValue());
        }
      }
      throw new TypeConversionException(
          "'%s' is no amount of memory: write 8GiB, 512MiB or a number of bytes".formatted(text));
    }
  }
}
