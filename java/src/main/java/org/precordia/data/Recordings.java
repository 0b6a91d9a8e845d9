// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads a recording from a file of any known format, recognised by its content, whatever its name.
 *
 * <pre>{@code
 * Recording ecg = Recordings.read(Path.of("patient.xml"));
 * }</pre>
 */
public final class Recordings {
  /** How much of a file is looked at to tell its format. */
  static final int START_BYTES = 4096;

  /** The formats in the order in which they are tried; text of no other kind is a table. */
  private static final List<RecordingFormat> FORMATS =
      List.of(
          new WfdbFormat(),
          new EdfFormat(),
          new DicomFormat(),
          new AecgFormat(),
          new MuseFormat(),
          new CsvFormat());

  private Recordings() {}

  /**
   * Reads a file that says everything itself.
   *
   * @see #read(Path, ReadOptions)
   */
  public static Recording read(Path file) throws IOException {
    return read(file, ReadOptions.NONE);
  }

  /**
   * Reads a file.
   *
   * @param file the file; of a WFDB record, any of its files, with or without extension
   * @param options what the file does not say
   * @return its leads in mV, missing samples NaN
   * @throws DataException when there is no such file, its format is not known, or it is damaged
   */
  public static Recording read(Path file, ReadOptions options) throws IOException {
    byte[] start = start(file);
    for (RecordingFormat format : FORMATS) {
      if (format.accepts(file, start)) {
        return format.read(file, options);
      }
    }
    throw new DataException(
        file,
        "is of no known format",
        "give one of "
            + FORMATS.stream().map(RecordingFormat::name).collect(Collectors.joining(", ")));
  }

  /**
   * How a recording can be written as a WFDB record without loss.
   *
   * @param format storage format
   * @param scalings gain and baseline by lead; leads not named take one microvolt a unit
   */
  public record Storage(int format, Map<Lead, Wfdb.Scaling> scalings) {
    /** One microvolt a unit in 16 bits. */
    public static final Storage MICROVOLT = new Storage(16, Map.of());

    public Storage {
      scalings = Map.copyOf(scalings);
    }
  }

  /**
   * How the leads of a WFDB record were stored, to write them back unchanged.
   *
   * @param file a file that {@link #read(Path)} reads
   * @return format 16 at one microvolt a unit for a record in segments or a file of another format
   */
  public static Storage storage(Path file) throws IOException {
    Map<Lead, Wfdb.Scaling> scalings = new EnumMap<>(Lead.class);
    int format = 16;
    if (isWfdb(file)) {
      for (WfdbSignal signal : Wfdb.header(file).signals()) {
        if (signal.lead().isPresent() && signal.millivoltsPerUnit().isPresent()) {
          scalings.put(signal.lead().get(), Wfdb.Scaling.of(signal));
          int own = Wfdb.writable(signal.format());
          // The 12 bits of format 212 fit into 16.
          format = own == 212 ? format : Math.max(format, own);
        }
      }
    }
    return new Storage(format, scalings);
  }

  /** Whether a path names a WFDB record. */
  public static boolean isWfdb(Path file) throws IOException {
    return new WfdbFormat().accepts(file, start(file));
  }

  /**
   * Writes a table: comment lines, a header row, then a row a sample of the time in seconds and the
   * leads in mV. Read again it has the same samples and comments, and the same rate; one that is no
   * whole number comes back as far as the digits of the times tell it.
   *
   * @param delimiter between columns
   * @param decimalComma whether numbers have a comma instead of a point
   * @throws IllegalArgumentException when the comma is to be both
   * @throws DataException when the file cannot be written; an older one stays
   */
  public static void writeTable(
      Recording recording, Path file, char delimiter, boolean decimalComma) throws IOException {
    new CsvWriter(recording, delimiter, decimalComma).write(file);
  }

  /** The first bytes; none where there is no such file, as a WFDB record is named without one. */
  private static byte[] start(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return new byte[0];
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(START_BYTES);
    }
  }
}
