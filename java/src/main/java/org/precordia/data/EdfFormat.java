// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * European Data Format: 16-bit samples in data records of equal duration. Signals whose label is a
 * lead's name, with or without {@code ECG} in front, are read; annotations are passed over. The
 * data records of a discontinuous file (EDF+D) are put where their times say, with NaN between
 * them.
 */
final class EdfFormat implements RecordingFormat {
  private static final byte[] VERSION = "0       ".getBytes(StandardCharsets.US_ASCII);

  @Override
  public String name() {
    return "EDF";
  }

  @Override
  public boolean accepts(Path file, byte[] start) {
    return start.length >= VERSION.length
        && Arrays.equals(start, 0, VERSION.length, VERSION, 0, VERSION.length);
  }

  @Override
  public Recording read(Path file, ReadOptions options) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new Reader(file, channel).read();
    }
  }

  /** Reads one file. */
  private static final class Reader {
    private final Path file;
    private final FileChannel channel;
    private final EdfHeader header;
    private final List<EdfSignal> signals = new ArrayList<>();
    private final List<Lead> leads = new ArrayList<>();
    private final double rate;

    Reader(Path file, FileChannel channel) throws IOException {
      this.file = file;
      this.channel = channel;
      this.header = new EdfHeader(file, channel);
      findLeads();
      rate = signals.getFirst().samples() / header.duration();
      if (!(rate > 0) || Double.isInfinite(rate)) {
        throw new DataException(
            file,
            "the duration of a data record is " + header.duration() + " s",
            "export the file again with data records of a second");
      }
    }

    private void findLeads() throws DataException {
      for (EdfSignal signal : header.signals()) {
        Lead lead = Lead.parse(signal.label()).orElse(null);
        if (lead == null || signal.annotations()) {
          continue;
        }
        String of = "signal \"" + signal.label() + "\"";
        if (leads.contains(lead)) {
          throw new DataException(
              file, of + " is lead " + lead + ", which occurs twice", "rename one of the two");
        }
        if (VoltageUnit.millivolts(signal.unit()).isEmpty()) {
          throw new DataException(
              file,
              of + " has the unit \"" + signal.unit() + "\"",
              "correct its physical dimension: V, mV, uV and nV are understood");
        }
        if (!signals.isEmpty() && signal.samples() != signals.getFirst().samples()) {
          throw new DataException(
              file, "leads are sampled at different rates", "export them at one rate");
        }
        checkRange(signal, of);
        leads.add(lead);
        signals.add(signal);
      }
      if (leads.isEmpty()) {
        throw new DataException(
            file,
            "none of its signals is an ECG lead: "
                + header.signals().stream().map(EdfSignal::label).toList(),
            "label the signals I, II, III, aVR, aVL, aVF, V1 to V6, with or without ECG in front");
      }
    }

    private void checkRange(EdfSignal signal, String of) throws DataException {
      double millivolts = VoltageUnit.millivolts(signal.unit()).orElseThrow();
      // Stored values outside the digital range are read too; the ranges are 65,536 apart at most.
      if (!Amplitude.possible(signal.scale() * millivolts * 0x1p16)
          || !Amplitude.possible(signal.physicalMinimum() * millivolts)) {
        throw new DataException(
            file,
            of + " has a physical range beyond all bounds",
            "correct its physical minimum and maximum");
      }
    }

    Recording read() throws IOException {
      int perRecord = signals.getFirst().samples();
      int records = Allocation.check(file, channel.size(), 1, header.records());
      Optional<EdfSignal> clock =
          header.signals().stream().filter(EdfSignal::annotations).findFirst();
      boolean discontinuous = header.kind().equals("EDF+D");
      if (discontinuous && clock.isEmpty()) {
        throw new DataException(
            file,
            "is discontinuous but has no signal \"EDF Annotations\" with the times",
            "export the file again, as EDF+C if there are no gaps");
      }
      long[] starts = new long[records];
      for (int r = 0; r < records; r++) {
        starts[r] = discontinuous ? start(starts, r, clock.get(), perRecord) : (long) r * perRecord;
      }
      double begin = clock.isPresent() && !header.kind().equals("EDF") ? onset(0, clock.get()) : 0;
      int length =
          Allocation.check(file, channel.size(), leads.size(), starts[records - 1] + perRecord);
      float[][] rows = new float[leads.size()][length];
      for (int i = 0; i < rows.length; i++) {
        Arrays.fill(rows[i], Float.NaN);
        for (int r = 0; r < records; r++) {
          convert(r, signals.get(i), rows[i], (int) starts[r]);
        }
      }
      return new Recording(
          RecordingFormat.nameOf(file), rate, leads, rows, List.of(), origin(begin, starts));
    }

    private Origin origin(double begin, long[] starts) {
      Optional<LocalDateTime> start =
          header.start().map(second -> second.plusNanos(Math.round(begin * 1e9)));
      List<String> notes = new ArrayList<>();
      notes.add(
          "unit " + String.join(", ", signals.stream().map(EdfSignal::unit).distinct().toList()));
      int perRecord = signals.getFirst().samples();
      int gaps = 0;
      for (int r = 1; r < starts.length; r++) {
        gaps += starts[r] > starts[r - 1] + perRecord ? 1 : 0;
      }
      if (gaps > 0) {
        notes.add(gaps + " gaps between data records");
      }
      return new Origin(header.kind(), start, header.patient(), notes);
    }

    /** First sample of a data record whose time the file gives; never before the last one's end. */
    private long start(long[] starts, int record, EdfSignal clock, int perRecord)
        throws IOException {
      if (record == 0) {
        return 0;
      }
      double exact = (onset(record, clock) - onset(0, clock)) * rate;
      long end = starts[record - 1] + perRecord;
      // Times have few digits, so a data record may seem to begin a little early.
      if (!(exact > end - 1 - 1e-3 * rate) || exact > 1L << 50) {
        throw new DataException(
            file,
            "data record %d begins %.6f s after the first, the one before ends after %.6f s"
                .formatted(record, exact / rate, end / rate),
            "export the file again");
      }
      return Math.max(end, Math.round(exact));
    }

    /** The time that a data record's first annotation list gives, in seconds from the start. */
    private double onset(int record, EdfSignal clock) throws IOException {
      ByteBuffer buffer = samples(record, clock);
      StringBuilder text = new StringBuilder();
      while (buffer.hasRemaining() && text.length() < 64) {
        char c = (char) (buffer.get() & 0xFF);
        // The onset ends with a duration or with its text.
        if (c == '\u0014' || c == '\u0015') {
          break;
        }
        text.append(c);
      }
      try {
        double onset = Double.parseDouble(text.toString());
        if (Double.isFinite(onset) && (text.charAt(0) == '+' || text.charAt(0) == '-')) {
          return onset;
        }
      } catch (NumberFormatException e) {
        throw new DataException(
            file, 0, "data record " + record + " has no time", "export the file again", e);
      }
      throw new DataException(
          file, "data record " + record + " has no time", "export the file again");
    }

    private void convert(int record, EdfSignal signal, float[] row, int at) throws IOException {
      ByteBuffer buffer = samples(record, signal);
      double millivolts = VoltageUnit.millivolts(signal.unit()).orElseThrow();
      double scale = signal.scale() * millivolts;
      double zero = signal.physicalMinimum() * millivolts - signal.digitalMinimum() * scale;
      for (int t = 0; t < signal.samples(); t++) {
        row[at + t] = (float) (buffer.getShort() * scale + zero);
      }
    }

    private ByteBuffer samples(int record, EdfSignal signal) throws IOException {
      ByteBuffer buffer =
          ByteBuffer.allocate(Short.BYTES * signal.samples()).order(ByteOrder.LITTLE_ENDIAN);
      long position = header.position(record, signal);
      while (buffer.hasRemaining()) {
        int read = channel.read(buffer, position + buffer.position());
        if (read < 0) {
          throw new DataException(file, "became shorter while it was read", "fetch it again");
        }
      }
      return buffer.flip();
    }
  }
}
