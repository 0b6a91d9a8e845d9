// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of no stated format, alone and beside a header that may name them. */
final class RecordingsFuzz extends ReaderFuzz {
  private final List<ReaderFuzz> others;

  /**
   * @param others readers of single files, whose files are tried
   */
  RecordingsFuzz(List<ReaderFuzz> others) {
    super("recordings", "x", "x.hea");
    this.others = others;
  }

  @Override
  List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    byte[] header = text("x 1 100 6\nx 16 10/mV 16 0 0 0 0 I\n");
    for (ReaderFuzz other : others) {
      seeds.addAll(other.seeds());
      seeds.add(join(other.seeds().getFirst(), header));
    }
    return seeds;
  }

  @Override
  List<String> words() {
    List<String> words = new ArrayList<>(List.of("x 16", "x.hea 8", "../x 8", "x\0 16"));
    others.forEach(other -> words.addAll(other.words()));
    return words;
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    Path file = reading.folder().resolve("x");
    reading.recording(() -> Recordings.read(file));
    reading.read(() -> Recordings.storage(file));
    reading.recording(() -> Recordings.read(reading.folder().resolve("x.hea")));
  }
}
