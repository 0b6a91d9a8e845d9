// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Tables of samples, with and without options; what was read is written and read again. */
final class CsvFuzz extends ReaderFuzz {
  private static final String FILE = "x.csv";

  CsvFuzz() {
    super("csv", FILE);
  }

  @Override
  List<byte[]> seeds() {
    return List.of(
        text("# a\ntime (s),I (mV),V1 (uV)\n0,0.5,1\n0.01,-1,\n0.03,NaN,1e2\n"),
        text("t;I (mV);II [uV]\n0,002;0,5;-3\n0,004;0,25;4\n"),
        text("'Elapsed time','I'\n'hh:mm:ss.mmm','mV'\n'0:00.000',1\n'0:00.004',2\n"),
        text("II_mV\tV2/uV\n1\t2\n3\t4\n"),
        text("\ufefftime_ms|aVR (nV)\n1|2\n2|3\n3|\"4\"\n"),
        text("1,0.5,2\n2,0.25,3\n"));
  }

  @Override
  List<String> words() {
    return List.of(
        "time (s)",
        "elapsed time",
        "t",
        "ms",
        "us",
        "mV",
        "uV",
        "nV",
        "V",
        "I",
        "II",
        "III",
        "aVR",
        "V6",
        "vx",
        "NaN",
        "n/a",
        "1e38",
        "1e-300",
        "-1e999",
        "0:00.000",
        "hh:mm:ss.mmm",
        "#",
        "'");
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    Path file = reading.folder().resolve(FILE);
    for (ReadOptions options :
        List.of(
            ReadOptions.NONE,
            new ReadOptions(500, "uV", List.of()),
            new ReadOptions(0, "mV", List.of("t", "I", "V1")))) {
      reading
          .recording(() -> new CsvFormat().read(file, options))
          .ifPresent(recording -> writeAndRead(recording, scratch));
    }
  }

  /** What is written as a table is read as it was. */
  static void writeAndRead(Recording recording, Path scratch) {
    // The column of times gives the rate, and one time gives none.
    if (recording.length() < 2 || recording.length() > 64) {
      return;
    }
    Path table = scratch.resolve("table.csv");
    try {
      Recordings.writeTable(recording, table, ';', recording.length() % 2 == 0);
      Recording read = new CsvFormat().read(table, ReadOptions.NONE);
      GuardedReading.require(read.leads().equals(recording.leads()), "other leads", null);
      GuardedReading.require(
          Arrays.deepEquals(read.millivolts(), recording.millivolts()), "other samples", null);
      // The fewer and the rounder the times, the less they tell of a rate that is not round.
      double tolerance = recording.rate() == Math.rint(recording.rate()) ? 1e-9 : 0.1;
      GuardedReading.require(
          Math.abs(read.rate() / recording.rate() - 1) < tolerance, "another rate", null);
    } catch (IOException e) {
      throw new AssertionError("a table that was written cannot be read: " + e, e);
    }
  }
}
