// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.UnaryOperator;

/**
 * A file that appears whole or not at all: it is written beside its target under a temporary name,
 * flushed to the medium and renamed over the target by {@link #commit}. Closed without a commit,
 * the temporary file is removed and the target is as it was.
 */
public final class AtomicFile implements Closeable {
  private final Path target;
  private final Path temporary;
  private final FileChannel file;
  private final SeekableByteChannel channel;
  private boolean open = true;

  private AtomicFile(Path target, UnaryOperator<SeekableByteChannel> wrapper) throws IOException {
    this.target = target.toAbsolutePath();
    this.temporary = Temporaries.beside(this.target);
    try {
      Files.createDirectories(this.target.getParent());
      this.file =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE,
              StandardOpenOption.READ);
    } catch (IOException e) {
      Temporaries.forget(temporary);
      throw explain(target, e);
    }
    this.channel = wrapper.apply(file);
  }

  /**
   * Opens a temporary file beside a target, whose folder is created if need be.
   *
   * @throws DataException when the folder cannot be written
   */
  public static AtomicFile create(Path target) throws IOException {
    return new AtomicFile(target, UnaryOperator.identity());
  }

  /** As {@link #create}, with a channel between the writer and the file. */
  static AtomicFile create(Path target, UnaryOperator<SeekableByteChannel> wrapper)
      throws IOException {
    return new AtomicFile(target, wrapper);
  }

  /**
   * Writes a whole file at once.
   *
   * @throws DataException when it cannot be written; the target is as it was
   */
  public static void write(Path target, byte[] content) throws IOException {
    try (AtomicFile out = create(target)) {
      out.write(ByteBuffer.wrap(content));
      out.commit();
    }
  }

  /** Writes a whole text file in UTF-8 at once. */
  public static void write(Path target, String content) throws IOException {
    write(target, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The file that {@link #commit} will put in place. */
  public Path target() {
    return target;
  }

  /**
   * Appends all of a buffer at the current position.
   *
   * @throws DataException when the medium is full or fails
   */
  public void write(ByteBuffer buffer) throws IOException {
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw explain(target, e);
    }
  }

  /** Position of the next write in bytes. */
  public long position() throws IOException {
    return channel.position();
  }

  /** Moves the next write. */
  public void position(long bytes) throws IOException {
    try {
      channel.position(bytes);
    } catch (IOException e) {
      throw explain(target, e);
    }
  }

  /**
   * Waits until what was written is on the medium.
   *
   * @throws DataException when the medium is full or fails
   */
  void force() throws IOException {
    try {
      file.force(false);
    } catch (IOException e) {
      throw explain(target, e);
    }
  }

  /**
   * Flushes the file to the medium and renames it to its target, over any older file there.
   *
   * @throws DataException when the medium is full or fails; the target is as it was
   */
  public void commit() throws IOException {
    if (!open) {
      throw new IllegalStateException(target + " is closed");
    }
    try {
      file.force(true);
      file.close();
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      open = false;
      Temporaries.forget(temporary);
    } catch (IOException e) {
      throw explain(target, e);
    }
    syncFolder(target.getParent());
  }

  @Override
  public void close() throws IOException {
    if (open) {
      open = false;
      file.close();
      Files.deleteIfExists(temporary);
      Temporaries.forget(temporary);
    }
  }

  /** Makes the rename itself durable where the operating system lets a folder be opened. */
  static void syncFolder(Path folder) {
    try (FileChannel handle = FileChannel.open(folder, StandardOpenOption.READ)) {
      handle.force(true);
    } catch (IOException e) {
      // Windows opens no folders; the file itself is already on the medium.
      return;
    }
  }

  /** The error of a target that cannot be written, with its remedy. */
  static IOException explain(Path target, IOException cause) {
    return WriteFailure.of(target, cause, "nothing was written");
  }
}
