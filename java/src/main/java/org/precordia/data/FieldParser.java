// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import de.siegmar.fastcsv.reader.CsvRecord;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the fields of a table into samples and times. */
final class FieldParser {
  private static final Set<String> MISSING = Set.of("", "nan", "na", "n/a", "null", "-");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d{1,3})?");
  private static final Pattern CLOCK =
      Pattern.compile("(?:(\\d{1,4}):)?(\\d{1,2}):(\\d{2}(?:\\.\\d*)?)");

  private final Path file;
  private final boolean decimalComma;
  private int decimals;

  FieldParser(Path file, boolean decimalComma) {
    this.file = file;
    this.decimalComma = decimalComma;
  }

  /** Whether a row has a number, as a row of samples does and one of units does not. */
  boolean hasNumber(CsvRecord row) {
    return row.getFields().stream().anyMatch(field -> NUMBER.matcher(plain(field)).matches());
  }

  /** A sample in mV, NaN when it is missing. */
  float sample(String field, double scale, int line) throws DataException {
    String text = plain(field);
    if (MISSING.contains(text.toLowerCase(Locale.ROOT))) {
      return Float.NaN;
    }
    float value = NUMBER.matcher(text).matches() ? scaled(text, scale) : Float.NaN;
    if (!Amplitude.possible(value)) {
      throw new DataException(
          file, line, "\"" + field + "\" is not a sample", "correct it or leave it empty");
    }
    return value;
  }

  private static float scaled(String text, double scale) {
    // One rounding, so that what was written in mV is read as it was.
    return scale == 1 ? Float.parseFloat(text) : (float) (Double.parseDouble(text) * scale);
  }

  /** A time, as a number or as hours, minutes and seconds between colons. */
  double time(String field, int line) throws DataException {
    String text = plain(field).replaceAll("[\\[\\]']", "").strip();
    int point = text.indexOf('.');
    decimals = Math.max(decimals, point < 0 ? 0 : text.length() - point - 1);
    Matcher clock = CLOCK.matcher(text);
    if (NUMBER.matcher(text).matches()) {
      return Double.parseDouble(text);
    }
    if (clock.matches()) {
      double hours = clock.group(1) == null ? 0 : Double.parseDouble(clock.group(1));
      return (hours * 60 + Double.parseDouble(clock.group(2))) * 60
          + Double.parseDouble(clock.group(3));
    }
    throw new DataException(
        file,
        line,
        "\"" + field + "\" is not a time",
        "write seconds, or remove the column and give --rate");
  }

  /** The smallest difference of times that the most digits seen can show. */
  double timeResolution() {
    return Math.pow(10, -decimals);
  }

  private String plain(String field) {
    String text = field.strip();
    return decimalComma ? text.replace(',', '.') : text;
  }
}
