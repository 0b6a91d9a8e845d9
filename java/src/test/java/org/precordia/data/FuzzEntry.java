// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Jazzer calls: the reader that the argument names, with one input after the other. */
public final class FuzzEntry {
  private static ReaderFuzz reader;
  private static Path folder;

  private FuzzEntry() {}

  /**
   * Chooses the reader.
   *
   * @param arguments its name
   */
  public static void fuzzerInitialize(String[] arguments) throws IOException {
    reader = Fuzzers.named(arguments[0]);
    // Files in memory are read a hundred times as often.
    Path memory = Path.of("/dev/shm");
    folder =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "precordia-fuzz")
            : Files.createTempDirectory("precordia-fuzz");
    for (byte[] seed : reader.seeds()) {
      try {
        reader.test(folder, seed);
      } catch (AssertionError e) {
        // Loading classes, which Jazzer rewrites, allocates too. Sound inputs are tried again.
        continue;
      }
    }
  }

  /** Reads one input. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    reader.test(folder, input);
  }

  /** Removes the files. */
  public static void fuzzerTearDown() throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }
}
