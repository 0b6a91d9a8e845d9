// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A format whose recordings are one file; what was read is written as a table and read again. */
final class FormatFuzz extends ReaderFuzz {
  private static final String FILE = "x";

  private final RecordingFormat format;
  private final List<byte[]> seeds;
  private final List<String> words;

  FormatFuzz(String name, RecordingFormat format, List<byte[]> seeds, List<String> words) {
    super(name, FILE);
    this.format = format;
    this.seeds = seeds;
    this.words = words;
  }

  @Override
  List<byte[]> seeds() {
    return seeds;
  }

  @Override
  List<String> words() {
    return words;
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    Path file = reading.folder().resolve(FILE);
    byte[] content = Files.readAllBytes(file);
    byte[] start = Arrays.copyOf(content, Math.min(content.length, Recordings.START_BYTES));
    if (format.accepts(file, start)) {
      reading
          .recording(() -> format.read(file, ReadOptions.NONE))
          .ifPresent(recording -> CsvFuzz.writeAndRead(recording, scratch));
    }
  }
}
