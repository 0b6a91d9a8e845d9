// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Reads and writes WFDB records: a {@code .hea} header beside its signal files (formats 16 and 212,
 * and the {@code .mat} files of the PhysioNet Challenges). Gain, baseline and unit come from the
 * header; the leads are found by name.
 *
 * <pre>{@code
 * Recording ecg = Wfdb.read(Path.of("records100/00000/00001_lr"));
 * float[] leadTwo = ecg.signal(Lead.II);
 * }</pre>
 */
public final class Wfdb {
  private Wfdb() {}

  /**
   * How millivolts become 16-bit integers.
   *
   * @param gain ADC units per mV, not 0
   * @param baseline ADC value of 0 mV
   */
  public record Scaling(double gain, int baseline) {
    /** One microvolt a unit: ±32.767 mV. */
    public static final Scaling MICROVOLT = new Scaling(1000, 0);

    public Scaling {
      if (gain == 0 || !Double.isFinite(gain)) {
        throw new IllegalArgumentException("gain must be finite and not 0, was " + gain);
      }
    }

    /** The scaling that a signal was read with, to write it back unchanged. */
    public static Scaling of(WfdbSignal signal) {
      return new Scaling(signal.gainPerMillivolt(), signal.baseline());
    }

    short toAdc(float millivolts, Lead lead, Path file) throws DataException {
      if (Float.isNaN(millivolts)) {
        return Short.MIN_VALUE;
      }
      double value = Math.rint(millivolts * gain + baseline);
      // The lowest value stands for a missing sample.
      if (!(value > Short.MIN_VALUE && value <= Short.MAX_VALUE)) {
        throw new DataException(
            file,
            "lead "
                + lead
                + " reaches "
                + millivolts
                + " mV, beyond 16 bits at a gain of "
                + gain
                + "/mV",
            "write it with a smaller gain");
      }
      return (short) value;
    }
  }

  /**
   * Reads a header.
   *
   * @param record path with {@code .hea}, without extension, or of the signal file
   * @throws DataException when there is none or it is not understood
   */
  public static WfdbHeader header(Path record) throws IOException {
    return WfdbHeaderParser.parse(headerFile(record));
  }

  /**
   * Reads a whole record and verifies its first samples and checksums.
   *
   * @param record path with {@code .hea}, without extension, or of the signal file
   * @return its leads in mV in the header's order; missing samples are NaN
   * @throws DataException when a file is missing, cut short or contradicts the header, when a lead
   *     occurs twice or has an unknown unit, or when no signal is a lead
   */
  public static Recording read(Path record) throws IOException {
    WfdbReader reader = new WfdbReader(header(record));
    return reader.read(0, reader.frames());
  }

  /**
   * Reads a range of a record; only that part of the files is read, so checksums are verified only
   * when the range is the whole record.
   *
   * @param record path with {@code .hea}, without extension, or of the signal file
   * @param fromSample first sample, counted from 0
   * @param toSample sample after the last
   * @throws IllegalArgumentException when the range is not inside the record
   * @throws DataException as {@link #read(Path)}
   */
  public static Recording read(Path record, long fromSample, long toSample) throws IOException {
    return new WfdbReader(header(record)).read(fromSample, toSample);
  }

  /** Samples per lead of a record (frames, where a frame holds several samples). */
  public static long length(WfdbHeader header) throws IOException {
    return new WfdbReader(header).frames();
  }

  /** Reads a range of a record whose header is at hand. */
  static Recording read(WfdbHeader header, long fromSample, long toSample) throws IOException {
    return new WfdbReader(header).read(fromSample, toSample);
  }

  /**
   * Writes a record of format 16 at one microvolt a unit.
   *
   * @see #write(Recording, Path, Map)
   */
  public static Path write(Recording recording, Path folder) throws IOException {
    return write(recording, folder, Map.of());
  }

  /**
   * Writes {@code NAME.dat} and {@code NAME.hea}, each through a temporary file, the header last.
   * NaN becomes −32768. Reading the record, writing it with {@link Scaling#of} and reading it again
   * gives the same samples.
   *
   * @param recording what to write; its name becomes the record's, its comments the header's
   * @param folder where; created if need be
   * @param scalings gain and baseline by lead; leads not named take {@link Scaling#MICROVOLT}
   * @return the header file
   * @throws DataException when a value does not fit into 16 bits, the name is not a record name, or
   *     the files cannot be written
   */
  public static Path write(Recording recording, Path folder, Map<Lead, Scaling> scalings)
      throws IOException {
    return new WfdbWriter(recording, folder, scalings).write();
  }

  private static Path headerFile(Path record) {
    Path name = record.getFileName();
    if (name == null) {
      return record.resolve(".hea");
    }
    String text = name.toString();
    if (text.endsWith(".hea")) {
      return record;
    }
    Path appended = record.resolveSibling(text + ".hea");
    int dot = text.lastIndexOf('.');
    if (dot > 0 && !Files.exists(appended)) {
      Path replaced = record.resolveSibling(text.substring(0, dot) + ".hea");
      if (Files.exists(replaced)) {
        return replaced;
      }
    }
    return appended;
  }
}
