// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;

/** A kind of file that holds a recording; one class a format, named in {@link Recordings}. */
interface RecordingFormat {
  /** What people call it. */
  String name();

  /**
   * Whether a file is of this format.
   *
   * @param start the file's first {@link Recordings#START_BYTES} bytes, or all when it has fewer
   */
  boolean accepts(Path file, byte[] start) throws IOException;

  /**
   * Reads a file.
   *
   * @throws DataException when it is damaged or lacks what a recording needs
   */
  Recording read(Path file, ReadOptions options) throws IOException;

  /** A recording's name: the file's without extension. */
  static String nameOf(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
