// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** WFDB records in segments, of both layouts. */
final class SegmentsFuzz extends ReaderFuzz {
  private static final byte[] A =
      text("a 2 100 3\na.dat 16 10/mV 16 0 1 6 0 I\na.dat 16 10/mV 16 0 10 60 0 V1\n");
  private static final byte[] B = text("b 1 100 2\na.dat 212+2 10/mV 16 0 0 0 0 V1\n");
  private static final byte[] LAYOUT =
      text("l 2 100 0\n~ 0 10/mV 0 0 0 0 0 I\n~ 0 10/mV 0 0 0 0 0 V1\n");

  SegmentsFuzz() {
    super("segments", "m.hea", "a.hea", "b.hea", "l.hea", "a.dat");
  }

  @Override
  List<byte[]> seeds() {
    byte[] signals = BitWriter.encode(16, new int[] {1, 10, 2, 20, 3, 30});
    return List.of(
        join(text("m/4 2 100 11 12:00:00 01/02/2003\na 3\n~ 2\na 3\na 3\n"), A, B, LAYOUT, signals),
        join(text("m/4 2 100 9\nl 0\na 3\n~ 4\nb 2\n"), A, B, LAYOUT, new byte[12]),
        join(text("m/2 1 100\nb 2\nb 2\n"), A, B, LAYOUT, new byte[12]));
  }

  @Override
  List<String> words() {
    return List.of(
        "~ 2",
        "a 3",
        "l 0",
        "m 1",
        "../a 3",
        "m/2",
        "/9",
        "9007199254740992",
        "2147483647",
        "I",
        "II",
        "V1",
        "a.dat 16",
        "x2",
        "+24");
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    Path record = reading.folder().resolve("m");
    Optional<Recording> whole = reading.recording(() -> Wfdb.read(record));
    if (whole.isPresent()) {
      for (WfdbHeader.Segment segment : Wfdb.header(record).segments()) {
        Path file = reading.folder().resolve(segment.name()).normalize();
        GuardedReading.require(
            segment.missing() || file.startsWith(reading.folder()), "it reads " + file, null);
      }
      WfdbFuzz.readPart(reading, record, whole.get());
      CsvFuzz.writeAndRead(whole.get(), scratch);
    }
    reading.read(() -> Wfdb.readDigital(record));
  }
}
