// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads and writes WFDB records: a {@code .hea} header beside its signal files, in any storage
 * format of the WFDB manual, in one piece or in segments, and the {@code .mat} files of the
 * PhysioNet Challenges. Gain, baseline and unit come from the header; the leads are found by name.
 *
 * <pre>{@code
 * Recording ecg = Wfdb.read(Path.of("records100/00000/00001_lr"));
 * float[] leadTwo = ecg.signal(Lead.II);
 * }</pre>
 */
public final class Wfdb {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS dd/MM/yyyy", Locale.ROOT);

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

    int toAdc(float millivolts, Lead lead, WritableFormat format, Path file) throws DataException {
      if (Float.isNaN(millivolts)) {
        return DigitalRecord.MISSING;
      }
      double value = Math.rint(millivolts * gain + baseline);
      // The lowest value stands for a missing sample.
      if (!(Math.abs(value) <= format.largest())) {
        throw new DataException(
            file,
            "lead %s reaches %s mV, beyond %d bits at a gain of %s/mV"
                .formatted(lead, millivolts, format.bits(), gain),
            "write it with a smaller gain or in a format of more bits");
      }
      return (int) value;
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
    RecordReader reader = RecordReader.of(header(record));
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
    return RecordReader.of(header(record)).read(fromSample, toSample);
  }

  /** Samples per lead of a record (frames, where a frame holds several samples). */
  public static long length(WfdbHeader header) throws IOException {
    return RecordReader.of(header).frames();
  }

  /** Reads a range of a record whose header is at hand. */
  static Recording read(WfdbHeader header, long fromSample, long toSample) throws IOException {
    return RecordReader.of(header).read(fromSample, toSample);
  }

  /**
   * Reads all signals of a record as its files store them, and verifies them as {@link #read(Path)}
   * does.
   *
   * @param record path with {@code .hea}, without extension, or of the signal file
   * @throws DataException as {@link #read(Path)}, and when the record has segments
   */
  public static DigitalRecord readDigital(Path record) throws IOException {
    WfdbHeader header = header(record);
    if (!header.segments().isEmpty()) {
      throw new DataException(
          header.file(), "the record has several segments", "give the header of one segment");
    }
    return new DigitalRecord(header, new WfdbReader(header).digital());
  }

  /**
   * Writes a record of format 16 at one microvolt a unit.
   *
   * @see #write(Recording, Path, Map)
   */
  public static Path write(Recording recording, Path folder) throws IOException {
    return write(recording, folder, Map.of());
  }

  /** As {@link #write(Recording, Path, Map, int)}, in format 16. */
  public static Path write(Recording recording, Path folder, Map<Lead, Scaling> scalings)
      throws IOException {
    return write(recording, folder, scalings, 16);
  }

  /**
   * Writes {@code NAME.dat} and {@code NAME.hea}, each through a temporary file, the header last.
   * NaN becomes the format's mark of a missing sample. Reading a record of 16 bits or fewer,
   * writing it with {@link Scaling#of} and reading it again gives the same samples.
   *
   * @param recording what to write; its name becomes the record's, its comments the header's
   * @param folder where; created if need be
   * @param scalings gain and baseline by lead; leads not named take {@link Scaling#MICROVOLT}
   * @param format storage format: 16, 24, 32 or 212
   * @return the header file
   * @throws DataException when a value does not fit into the format, the name is not a record name,
   *     or the files cannot be written
   * @throws IllegalArgumentException when records are not written in the format
   */
  public static Path write(
      Recording recording, Path folder, Map<Lead, Scaling> scalings, int format)
      throws IOException {
    if (!(SampleFormat.of(format).orElse(null) instanceof WritableFormat storage)) {
      throw new IllegalArgumentException(
          "records are written in format 16, 24, 32 or 212, not " + format);
    }
    List<Scaling> inOrder =
        recording.leads().stream()
            .map(lead -> scalings.getOrDefault(lead, Scaling.MICROVOLT))
            .toList();
    List<WfdbSignal> signals = new ArrayList<>();
    for (int i = 0; i < inOrder.size(); i++) {
      Lead lead = recording.leads().get(i);
      signals.add(WfdbWriter.signal(recording.name() + ".dat", storage, inOrder.get(i), lead));
    }
    Path file = folder.resolve(recording.name() + ".hea");
    WfdbHeader header =
        new WfdbHeader(
            file,
            recording.name(),
            recording.rate(),
            recording.length(),
            "",
            recording.origin().start().map(CLOCK::format).orElse(""),
            signals,
            List.of(),
            recording.comments());
    return new WfdbWriter(
            header,
            (signal, t) ->
                inOrder
                    .get(signal)
                    .toAdc(
                        recording.millivolts()[signal][t],
                        recording.leads().get(signal),
                        storage,
                        file),
            folder)
        .write();
  }

  /**
   * Writes a record with every signal, sample, gain, baseline and comment that it was read with.
   * Signals in format 16, 24, 32 or 212 stay in it, and their file is equal byte by byte to the one
   * read but for what lies before the first sample; other formats become 16, 24 or 32, whichever
   * holds them.
   *
   * @param record what to write
   * @param folder where; created if need be
   * @return the header file
   * @throws DataException as {@link #write(Recording, Path, Map, int)}
   */
  public static Path write(DigitalRecord record, Path folder) throws IOException {
    WfdbHeader read = record.header();
    List<WfdbSignal> signals = new ArrayList<>();
    Map<String, String> files = new LinkedHashMap<>();
    for (WfdbSignal signal : read.signals()) {
      // A file that begins with something else than samples is not the same file without it.
      boolean plain = signal.byteOffset() == 0 && !signal.file().contains("/");
      String file =
          files.computeIfAbsent(
              signal.file(),
              name -> plain ? name : read.name() + "_" + (files.size() + 1) + ".dat");
      signals.add(signal.withStorage(file, writable(signal.format()), signal.skew(), 0));
    }
    long length = record.samples()[0].length / signals.getFirst().samplesPerFrame();
    WfdbHeader header =
        new WfdbHeader(
            read.file(),
            read.name(),
            read.rate(),
            length,
            read.counter(),
            read.clock(),
            signals,
            List.of(),
            read.comments());
    return new WfdbWriter(header, (signal, t) -> record.samples()[signal][t], folder).write();
  }

  /** The format that a record is written in that was read in another. */
  static int writable(int format) {
    return switch (format) {
      case 212, 24, 32 -> format;
      case 524 -> 24;
      default -> 16;
    };
  }

  static Path headerFile(Path record) {
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
