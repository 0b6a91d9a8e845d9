// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** WFDB records in packed formats: a header and two signal files. */
final class WfdbFuzz extends ReaderFuzz {
  static final List<String> WORDS =
      List.of(
          "a.dat 16",
          "b.dat 212",
          "r.hea 8",
          "../a.dat 16",
          "/a.dat 8",
          "61",
          "80",
          "160",
          "212",
          "310",
          "311",
          "24",
          "32",
          "508",
          "516",
          "524",
          "x2",
          ":1",
          "+24",
          "100(3)/uV",
          "/mV",
          "1e-300",
          "1e300",
          "-2147483648",
          "2147483647",
          "9007199254740992",
          "I",
          "II",
          "aVF",
          "V1",
          "# Age: 3",
          "12:00:00 1/2/2003",
          "~ 6");

  WfdbFuzz() {
    super("wfdb", "r.hea", "a.dat", "b.dat");
  }

  @Override
  List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    int[] samples = {1, 2, 3, 4, 5, -6, 7, 8, 9, 10, 11, 12};
    for (int format : new int[] {8, 16, 24, 32, 61, 80, 160, 212, 310, 311}) {
      String header =
          """
          r 2 250/1(2) 6 12:00:00 1/2/2003
          a.dat %1$d:1 100(3)/uV 12 0 1 36 0 I
          a.dat %1$d 1 0 0 2 30 0 V1
          # Age: 3
          """
              .formatted(format);
      byte[] signals = BitWriter.encode(format, samples);
      seeds.add(join(text(header), signals));
      seeds.add(join(text(header.replace(":1", "").replace("6 12", " 12")), signals));
      String apart = "r 2 250\na.dat %1$dx2 100 0 0 1 4 0 II\nb.dat %1$d+1 1/V 0 0 2 9 0 vx\n";
      seeds.add(
          join(
              text(apart.formatted(format)),
              signals,
              BitWriter.encode(format, Arrays.copyOf(samples, 7))));
    }
    return seeds;
  }

  @Override
  List<String> words() {
    return WORDS;
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    exercise(reading, reading.folder().resolve("r"), scratch);
  }

  /** Reads a record whole, in part and as it is stored, and writes it again. */
  static void exercise(GuardedReading reading, Path record, Path scratch) throws IOException {
    Optional<Recording> whole = reading.recording(() -> Wfdb.read(record));
    if (whole.isPresent()) {
      requireInside(Wfdb.header(record));
      readPart(reading, record, whole.get());
      CsvFuzz.writeAndRead(whole.get(), scratch);
    }
    Path header = record.resolveSibling(record.getFileName() + ".hea");
    reading.read(() -> Recordings.storage(header));
    reading
        .read(() -> Wfdb.readDigital(record))
        .ifPresent(digital -> writeAndRead(digital, scratch));
  }

  private static void requireInside(WfdbHeader header) {
    Path folder = header.file().getParent();
    for (WfdbSignal signal : header.signals()) {
      Path file = folder.resolve(signal.file()).normalize();
      GuardedReading.require(file.startsWith(folder), "it reads " + file, null);
    }
  }

  /** A part of a record is the part of the whole. */
  static void readPart(GuardedReading reading, Path record, Recording whole) throws IOException {
    long frames = Wfdb.length(Wfdb.header(record));
    long from = frames / 3;
    int first = Math.toIntExact(whole.length() / frames * from);
    Optional<Recording> part = reading.recording(() -> Wfdb.read(record, from, frames));
    GuardedReading.require(part.isPresent(), "a part cannot be read", null);
    for (Lead lead : whole.leads()) {
      float[] wanted = Arrays.copyOfRange(whole.signal(lead), first, whole.length());
      GuardedReading.require(
          Arrays.equals(wanted, part.get().signal(lead)), "a part differs in " + lead, null);
    }
  }

  /** What is written as a record is read as it was; what does not fit is refused. */
  private static void writeAndRead(DigitalRecord digital, Path scratch) {
    if (Arrays.stream(digital.samples()).anyMatch(row -> row.length > 64)) {
      return;
    }
    Path header;
    try {
      header = Wfdb.write(digital, scratch);
    } catch (DataException e) {
      return;
    } catch (IOException e) {
      throw new AssertionError("not a typed error: " + e, e);
    }
    try {
      DigitalRecord read = Wfdb.readDigital(header);
      GuardedReading.require(
          Arrays.deepEquals(read.samples(), digital.samples()), "other samples", null);
    } catch (IOException e) {
      throw new AssertionError("a record that was written cannot be read: " + e, e);
    }
  }
}
