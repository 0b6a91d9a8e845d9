// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.precordia.data.DataException;

/**
 * The folder that a download writes, and in it the hidden folder of what the download must
 * remember: a lock, the journal of verified files and the parts of files. One download has it at a
 * time. Nothing is written through a symbolic link below it.
 */
final class StateFolder implements AutoCloseable {
  /** The hidden folder. */
  static final String NAME = ".precordia-download";

  private final Path root;
  private final Path parts;
  private final FileChannel channel;
  private final FileLock lock;
  private final Set<Path> known = ConcurrentHashMap.newKeySet();

  /**
   * Takes the folder, made if it is not there.
   *
   * @throws DataException when another download has it, or it cannot be written
   */
  StateFolder(Path folder) throws IOException {
    root = create(folder);
    parts = file(NAME + "/parts/any").getParent();
    Path file = file(NAME + "/lock");
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    lock = take(channel);
    if (lock == null) {
      channel.close();
      throw new DataException(
          folder,
          "another download is writing this folder",
          "wait until it ends, or choose another folder");
    }
  }

  private static Path create(Path folder) throws IOException {
    try {
      return Files.createDirectories(folder).toRealPath();
    } catch (FileAlreadyExistsException e) {
      throw new DataException(folder, 0, "is no folder", "choose another for --out", e);
    }
  }

  private static FileLock take(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** The folder's real path. */
  Path root() {
    return root;
  }

  /** The file of the journal. */
  Path journal() {
    return parts.resolveSibling("verified.tsv");
  }

  /** The file that a part is kept in. */
  Path part(String name) {
    return parts.resolve(name);
  }

  /**
   * Where a file of the data set belongs; its folders are made.
   *
   * @param path below the folder, segments divided by slashes, checked by {@link Checksums}
   * @throws DataException when the file or a folder on the way is a symbolic link
   */
  Path file(String path) throws IOException {
    Path file = root.resolve(path);
    folder(file.getParent());
    refuseLink(file);
    return file;
  }

  private void folder(Path folder) throws IOException {
    if (folder.equals(root) || known.contains(folder)) {
      return;
    }
    folder(folder.getParent());
    refuseLink(folder);
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      // Also when another worker was faster.
      if (!Files.isDirectory(folder)) {
        throw new DataException(
            folder, 0, "is no folder", "move it away or choose another for --out", e);
      }
    }
    known.add(folder);
  }

  private static void refuseLink(Path path) throws DataException {
    if (Files.isSymbolicLink(path)) {
      throw new DataException(
          path,
          "is a symbolic link, through which nothing is written",
          "remove it or choose another folder for --out");
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
