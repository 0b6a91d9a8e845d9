// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

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
import java.security.MessageDigest;
import java.util.function.UnaryOperator;
import org.precordia.data.WriteFailure;

/**
 * What was fetched of a file so far, beside the server's validator of it. It outlives the program:
 * a later run goes on behind its last byte. {@link #commit} flushes it to the medium and renames it
 * to its target.
 */
final class PartFile implements Closeable {
  private static final int BLOCK = 1 << 16;
  private static final String KEPT = "what was fetched is kept, and the same command goes on";

  private final Path target;
  private final Path file;
  private final Path tag;
  private final FileChannel medium;
  private final SeekableByteChannel channel;
  private final MessageDigest digest = Digests.sha256();
  private String validator = "";
  private long length;
  private boolean done;

  /**
   * Opens the part of a file, empty when there is none.
   *
   * @param wrapper puts a channel between the writer and the medium
   */
  PartFile(
      StateFolder state,
      Checksums.Entry entry,
      Path target,
      UnaryOperator<SeekableByteChannel> wrapper)
      throws IOException {
    // The name holds the sum: a part is never taken for another version's.
    String name = Digests.hex(Digests.sha256(entry.sum() + entry.path())).substring(0, 32);
    this.target = target;
    this.file = state.part(name + ".part");
    this.tag = state.part(name + ".tag");
    try {
      medium =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw WriteFailure.of(target, e, KEPT);
    }
    channel = wrapper.apply(medium);
    readBack();
  }

  private void readBack() throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (medium.read(block) >= 0) {
      digest.update(block.array(), 0, block.position());
      length += block.position();
      block.clear();
    }
    if (length > 0 && Files.exists(tag)) {
      validator = Files.readString(tag, StandardCharsets.UTF_8);
    }
  }

  /** Bytes there are. */
  long length() {
    return length;
  }

  /** The server's validator of the file that they are from, or empty. */
  String validator() {
    return validator;
  }

  /** SHA-256 of the bytes there are. */
  String sum() throws IOException {
    try {
      return Digests.hex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Drops what there is. */
  void restart() throws IOException {
    try {
      channel.truncate(0);
      channel.position(0);
    } catch (IOException e) {
      throw WriteFailure.of(target, e, KEPT);
    }
    Files.deleteIfExists(tag);
    digest.reset();
    length = 0;
    validator = "";
  }

  /** States which file the bytes to come are from. */
  void from(String newValidator) {
    validator = newValidator;
  }

  /** Appends bytes. */
  void write(byte[] bytes, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw WriteFailure.of(target, e, KEPT);
    }
    digest.update(bytes, 0, count);
    length += count;
  }

  /** Puts the file in its place, over any that is there. */
  void commit() throws IOException {
    try {
      medium.force(true);
      medium.close();
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw WriteFailure.of(target, e, KEPT);
    }
    done = true;
    Files.deleteIfExists(tag);
  }

  /**
   * Keeps what there is. The validator is written here and not before, so that files that arrive at
   * once cost no second one; a part that lost it to a kill goes on without, and its sum decides.
   */
  @Override
  public void close() throws IOException {
    if (done) {
      return;
    }
    medium.close();
    if (length == 0) {
      Files.deleteIfExists(file);
    } else if (!validator.isEmpty()) {
      Files.writeString(tag, validator, StandardCharsets.UTF_8);
    }
  }
}
