// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Temporary files and folders that exist now; what is left of them goes when the program ends. */
final class Temporaries {
  private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Temporaries::removeAll));
  }

  private Temporaries() {}

  /** A new hidden name in the folder of a target, removed when the program ends. */
  static Path beside(Path target) {
    Path temporary = name(target);
    PATHS.add(temporary);
    return temporary;
  }

  /** A new hidden name in the folder of a target. */
  static Path name(Path target) {
    return target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
  }

  /** Tells that a name is in use no more. */
  static void forget(Path temporary) {
    PATHS.remove(temporary);
  }

  /**
   * Removes a file, or a folder with all that is in it; what is not there is as good as removed.
   */
  static void remove(Path path) throws IOException {
    List<Path> content;
    try (Stream<Path> walk = Files.walk(path)) {
      content = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path file : content) {
      Files.deleteIfExists(file);
    }
  }

  private static void removeAll() {
    for (Path path : PATHS) {
      try {
        remove(path);
      } catch (IOException e) {
        // The program is ending and has nobody left to tell.
        continue;
      }
    }
  }
}
