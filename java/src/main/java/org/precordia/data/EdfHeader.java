// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of an EDF or EDF+ file: text fields of fixed length, first the file's, then the
 * signals'.
 */
final class EdfHeader {
  private static final int FILE_BYTES = 256;
  private static final int SIGNAL_BYTES = 256;
  private static final int[] SIGNAL_FIELDS = {16, 80, 8, 8, 8, 8, 8, 80, 8, 32};
  private static final int SAMPLE_BYTES = 2;
  private static final String REMEDY = "export the file again, as EDF or EDF+";
  private static final Pattern DATE = Pattern.compile("(\\d\\d)\\.(\\d\\d)\\.(\\d\\d)");
  private static final DateTimeFormatter BIRTH =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("dd-MMM-uuuu")
          .toFormatter(Locale.ROOT);

  private final Path file;
  private final String patient;
  private final String date;
  private final String time;
  private final String kind;
  private final long records;
  private final double duration;
  private final long bytes;
  private final long recordBytes;
  private final List<EdfSignal> signals = new ArrayList<>();

  /**
   * Reads the header and checks it against the file's size.
   *
   * @throws DataException when a field makes no sense or the file is cut short
   */
  EdfHeader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    Fields fields = new Fields(read(channel, 0, FILE_BYTES));
    fields.text(8);
    patient = fields.text(80);
    fields.text(80);
    date = fields.text(8);
    time = fields.text(8);
    bytes = fields.integer("number of header bytes", 8, FILE_BYTES, Integer.MAX_VALUE);
    String reserved = fields.text(44);
    kind = reserved.startsWith("EDF+") && reserved.length() >= 5 ? reserved.substring(0, 5) : "EDF";
    long announced = fields.integer("number of data records", 8, -1, Integer.MAX_VALUE);
    duration = fields.number("duration of a data record", 8);
    int count = (int) fields.integer("number of signals", 4, 1, 9999);
    if (bytes != FILE_BYTES + (long) SIGNAL_BYTES * count) {
      throw error(
          "the header announces %d bytes, %d signals take %d"
              .formatted(bytes, count, FILE_BYTES + (long) SIGNAL_BYTES * count));
    }
    recordBytes = readSignals(read(channel, FILE_BYTES, SIGNAL_BYTES * count), count);
    long held = (channel.size() - bytes) / recordBytes;
    records = announced < 0 ? held : announced;
    if (held < records) {
      throw new DataException(
          file,
          "is cut short: %d bytes, the header describes %d"
              .formatted(channel.size(), bytes + records * recordBytes),
          "fetch the file again");
    }
    if (records == 0) {
      throw new DataException(file, "holds no data record", "record something first");
    }
  }

  /** {@code EDF}, {@code EDF+C} or {@code EDF+D}. */
  String kind() {
    return kind;
  }

  /** Data records in the file. */
  long records() {
    return records;
  }

  /** Seconds of a data record. */
  double duration() {
    return duration;
  }

  List<EdfSignal> signals() {
    return signals;
  }

  /** Bytes of a data record. */
  long recordBytes() {
    return recordBytes;
  }

  /** Where a signal's samples of a data record begin in the file. */
  long position(long record, EdfSignal signal) {
    return bytes + record * recordBytes + signal.offset();
  }

  /** The start to the second, where the fields have one. */
  Optional<LocalDateTime> start() {
    Matcher day = DATE.matcher(date);
    Matcher clock = DATE.matcher(time);
    if (!day.matches() || !clock.matches()) {
      return Optional.empty();
    }
    int year = Integer.parseInt(day.group(3));
    try {
      return Optional.of(
          LocalDateTime.of(
              // The format dates from 1985, which is how it tells the centuries apart.
              year < 85 ? 2000 + year : 1900 + year,
              Integer.parseInt(day.group(2)),
              Integer.parseInt(day.group(1)),
              Integer.parseInt(clock.group(1)),
              Integer.parseInt(clock.group(2)),
              Integer.parseInt(clock.group(3))));
    } catch (DateTimeException e) {
      // An anonymised date such as 00.00.00.
      return Optional.empty();
    }
  }

  /** Code, sex and age that EDF+ has in fixed places; plain EDF has free text there. */
  Optional<Patient> patient() {
    String[] parts = patient.split(" ");
    if (kind.equals("EDF") || parts.length < 3) {
      return Optional.empty();
    }
    Subject.Sex sex =
        switch (parts[1]) {
          case "F" -> Subject.Sex.FEMALE;
          case "M" -> Subject.Sex.MALE;
          default -> Subject.Sex.UNKNOWN;
        };
    return Optional.of(new Patient(parts[0].equals("X") ? "" : parts[0], age(parts[2]), sex));
  }

  private double age(String birth) {
    try {
      LocalDate born = LocalDate.parse(birth, BIRTH);
      return start()
          .map(begin -> (double) ChronoUnit.YEARS.between(born, begin.toLocalDate()))
          .orElse(Double.NaN);
    } catch (DateTimeException e) {
      // An X or an anonymised date: the age is not known.
      return Double.NaN;
    }
  }

  private long readSignals(ByteBuffer buffer, int count) throws DataException {
    Fields[] columns = new Fields[SIGNAL_FIELDS.length];
    int at = 0;
    for (int i = 0; i < columns.length; i++) {
      columns[i] = new Fields(buffer.slice(at, SIGNAL_FIELDS[i] * count));
      at += SIGNAL_FIELDS[i] * count;
    }
    long offset = 0;
    for (int i = 0; i < count; i++) {
      String label = columns[0].text(16);
      String of = " of signal \"" + label + "\"";
      String unit = columns[2].text(8);
      double low = columns[3].number("physical minimum" + of, 8);
      double high = columns[4].number("physical maximum" + of, 8);
      long lowest = columns[5].integer("digital minimum" + of, 8, Short.MIN_VALUE, 32767);
      long highest = columns[6].integer("digital maximum" + of, 8, Short.MIN_VALUE, 32767);
      long samples = columns[8].integer("samples per record" + of, 8, 1, 99_999_999);
      EdfSignal signal =
          new EdfSignal(label, unit, low, high, (int) lowest, (int) highest, (int) samples, offset);
      if (!signal.annotations() && (lowest >= highest || low == high)) {
        throw error("the minimum is not below the maximum" + of);
      }
      signals.add(signal);
      offset += SAMPLE_BYTES * samples;
    }
    return offset;
  }

  private ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
    if (channel.size() < position + count) {
      throw new DataException(file, "is cut short within its header", "fetch the file again");
    }
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
      continue;
    }
    return buffer.flip();
  }

  private DataException error(String problem) {
    return new DataException(file, problem, REMEDY);
  }

  /** Takes one text field after the other. */
  private final class Fields {
    private final ByteBuffer buffer;

    Fields(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    String text(int length) {
      byte[] field = new byte[length];
      buffer.get(field);
      return new String(field, StandardCharsets.ISO_8859_1).strip();
    }

    double number(String what, int length) throws DataException {
      String text = text(length);
      try {
        double value = Double.parseDouble(text);
        if (Double.isFinite(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw new DataException(
            file, 0, "the " + what + " \"" + text + "\" is not a number", REMEDY, e);
      }
      throw error("the " + what + " is " + text);
    }

    long integer(String what, int length, long lowest, long highest) throws DataException {
      double value = number(what, length);
      if (value != Math.rint(value) || value < lowest || value > highest) {
        throw error(
            "the %s is %s, not a whole number from %d to %d"
                .formatted(what, value, lowest, highest));
      }
      return (long) value;
    }
  }
}
