// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A folder that appears whole or not at all: it is filled beside its target under a temporary name
 * and renamed to the target by {@link #commit}. Closed without a commit, it is removed and the
 * target is as it was.
 *
 * <p>A folder cannot be renamed over another one. Where the target exists, it is moved aside first
 * and removed last: a program that is killed in between leaves the new folder whole or not there,
 * and the old one under a hidden name.
 */
final class AtomicFolder implements Closeable {
  private final Path target;
  private final Path temporary;
  private boolean open = true;

  private AtomicFolder(Path target) throws IOException {
    this.target = target;
    this.temporary = Temporaries.beside(target);
    try {
      Files.createDirectories(temporary);
    } catch (IOException e) {
      Temporaries.forget(temporary);
      throw AtomicFile.explain(target, e);
    }
  }

  /**
   * Makes a temporary folder beside a target.
   *
   * @throws DataException when it cannot be made
   */
  static AtomicFolder create(Path target) throws IOException {
    return new AtomicFolder(target.toAbsolutePath());
  }

  /** The folder to fill. */
  Path path() {
    return temporary;
  }

  /**
   * Puts the folder in place of whatever is at the target.
   *
   * @throws DataException when the medium fails
   */
  void commit() throws IOException {
    if (!open) {
      throw new IllegalStateException(target + " is closed");
    }
    AtomicFile.syncFolder(temporary);
    boolean replaces = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    // Not among the temporaries: until the new folder is in place, it is the only one.
    Path aside = Temporaries.name(target);
    try {
      if (replaces) {
        Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      open = false;
      Temporaries.forget(temporary);
      AtomicFile.syncFolder(target.getParent());
      Temporaries.remove(aside);
    } catch (IOException e) {
      if (replaces && open && !Files.exists(target)) {
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      }
      throw AtomicFile.explain(target, e);
    }
  }

  @Override
  public void close() throws IOException {
    if (open) {
      open = false;
      Temporaries.remove(temporary);
      Temporaries.forget(temporary);
    }
  }
}
