// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** WFDB records, known by the header beside the file that was named; see {@link Wfdb}. */
final class WfdbFormat implements RecordingFormat {
  @Override
  public String name() {
    return "WFDB";
  }

  @Override
  public boolean accepts(Path file, byte[] start) throws IOException {
    // What does not exist is taken for a record's name, so that the message says what is missing.
    if (!Files.exists(file) || file.toString().endsWith(".hea")) {
      return true;
    }
    // Another file may have a record's name, for example a table made of it.
    Path header = Wfdb.headerFile(file);
    Path folder = header.toAbsolutePath().getParent();
    Optional<Path> named = Optional.of(file.toAbsolutePath().normalize());
    return Files.isRegularFile(header)
        && Wfdb.header(header).signals().stream()
            .anyMatch(signal -> FolderPath.inside(folder, signal.file()).equals(named));
  }

  @Override
  public Recording read(Path file, ReadOptions options) throws IOException {
    return Wfdb.read(file);
  }
}
