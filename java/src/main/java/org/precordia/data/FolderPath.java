// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Files that other files name, which must lie in a folder or below it. */
final class FolderPath {
  private FolderPath() {}

  /**
   * The file of a name, absolute and without detours.
   *
   * @return empty when it is no path, is the folder itself, or leads outside it
   */
  static Optional<Path> inside(Path folder, String name) {
    Path root = folder.toAbsolutePath().normalize();
    try {
      Path file = root.resolve(name).normalize();
      return file.startsWith(root) && !file.equals(root) ? Optional.of(file) : Optional.empty();
    } catch (InvalidPathException e) {
      // A zero byte, or a character that this platform's names cannot have.
      return Optional.empty();
    }
  }
}
