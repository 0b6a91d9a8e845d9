// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.precordia.data.WriteFailure;

/**
 * Remembers which files were verified, with the size and time they had then, so that a later run
 * need not read them again. It is a memory, not a proof: what it does not know is read and verified
 * anew, so a line that is damaged or lost costs time alone.
 *
 * <p>A file of lines with SHA-256, size in bytes, modification time in ns and path, divided by
 * tabs; of several lines of a path the last one holds. Safe for concurrent use.
 */
final class Journal implements AutoCloseable {
  private static final int FIELDS = 4;

  private final Path file;
  private final Map<String, String> states = new HashMap<>();
  private final BufferedWriter writer;

  Journal(Path file) throws IOException {
    this.file = file;
    if (Files.exists(file)) {
      // A lost end may be half a letter; as single bytes any content can be read.
      Files.readAllLines(file, StandardCharsets.ISO_8859_1).forEach(this::remember);
    }
    try {
      writer =
          Files.newBufferedWriter(
              file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      // After a kill the last line may have no end.
      writer.newLine();
    } catch (IOException e) {
      throw WriteFailure.of(file, e, "nothing was fetched");
    }
  }

  private void remember(String line) {
    String text = new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    String[] fields = text.split("\t", FIELDS);
    if (fields.length == FIELDS) {
      states.put(fields[3], text);
    }
  }

  /** Whether a file is still as it was when it had this sum. */
  synchronized boolean knows(Checksums.Entry entry, Path target) throws IOException {
    String known = states.get(entry.path());
    return known != null && Files.isRegularFile(target) && known.equals(state(entry, target));
  }

  /** Remembers that a file has the sum of its entry. */
  synchronized void add(Checksums.Entry entry, Path target) throws IOException {
    String line = state(entry, target);
    states.put(entry.path(), line);
    try {
      writer.write(line + "\n");
      writer.flush();
    } catch (IOException e) {
      throw WriteFailure.of(file, e, "what was fetched is kept");
    }
  }

  private static String state(Checksums.Entry entry, Path target) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(target, BasicFileAttributes.class);
    return "%s\t%d\t%d\t%s"
        .formatted(
            entry.sum(),
            attributes.size(),
            attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
            entry.path());
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
