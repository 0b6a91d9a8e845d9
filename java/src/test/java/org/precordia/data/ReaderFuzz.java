// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A reader that is given files of any content. An input is the content of the reader's files, one
 * after the other, with the line {@value #BETWEEN} between two of them.
 */
abstract class ReaderFuzz {
  private static final String BETWEEN = "%%";
  private static final byte[] SEPARATOR =
      ("\n" + BETWEEN + "\n").getBytes(StandardCharsets.ISO_8859_1);

  private final String name;
  private final List<String> files;

  /**
   * @param name what the reader is called on the command line and among the resources
   * @param files names of its files, in the order of an input's parts
   */
  ReaderFuzz(String name, String... files) {
    this.name = name;
    this.files = List.of(files);
  }

  final String name() {
    return name;
  }

  /** Sound inputs to begin with. */
  abstract List<byte[]> seeds() throws IOException;

  /** What the reader looks for, which bytes drawn at random would not hit. */
  abstract List<String> words();

  /** Reads the files in every way there is. */
  abstract void exercise(GuardedReading reading, Path scratch) throws IOException;

  /** The files' content; a reader behind checksums has them corrected here. */
  List<byte[]> contents(List<byte[]> parts) {
    return parts;
  }

  /**
   * Gives the reader one input.
   *
   * @param base an existing folder that nobody else uses
   * @throws AssertionError when the reader does what no reader may
   */
  final void test(Path base, byte[] input) throws IOException {
    Path folder = Files.createDirectories(base.resolve(name));
    Path scratch = Files.createDirectories(base.resolve(name + "-scratch"));
    List<byte[]> contents = contents(split(input));
    long bytes = 0;
    for (int i = 0; i < files.size(); i++) {
      Path file = folder.resolve(files.get(i));
      if (i < contents.size()) {
        Files.createDirectories(file.getParent());
        Files.write(file, contents.get(i));
        bytes += contents.get(i).length;
      } else {
        Files.deleteIfExists(file);
      }
    }
    exercise(new GuardedReading(folder, bytes), scratch);
  }

  /** An input of several files or parts. */
  static byte[] join(byte[]... parts) {
    byte[] joined = parts[0];
    for (int i = 1; i < parts.length; i++) {
      joined = concatenate(joined, SEPARATOR, parts[i]);
    }
    return joined;
  }

  static byte[] concatenate(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] whole = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The parts of an input. */
  private List<byte[]> split(byte[] input) {
    List<byte[]> parts = new ArrayList<>();
    int from = 0;
    for (int at = 0; at + SEPARATOR.length <= input.length; at++) {
      if (Arrays.equals(input, at, at + SEPARATOR.length, SEPARATOR, 0, SEPARATOR.length)) {
        parts.add(Arrays.copyOfRange(input, from, at));
        from = at + SEPARATOR.length;
        at = from - 1;
      }
    }
    parts.add(Arrays.copyOfRange(input, from, input.length));
    return parts;
  }
}
