// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * One file of a {@link Shard}, memory-mapped. Opening it verifies header, index and provenance.
 *
 * @param file the file
 * @param header its header
 * @param index its records
 * @param provenance where the data come from, as JSON text
 * @param samples all samples, read-only
 */
record ShardPart(
    Path file, ShardHeader header, ShardIndex index, String provenance, MemorySegment samples) {
  private static final int CHECK_BYTES = 1 << 24;
  private static final String PREPARE = "write it again with precordia prepare";

  /**
   * Opens a file.
   *
   * @param arena keeps it mapped
   * @throws NoSuchFileException when there is no such file
   * @throws DataException when it is no shard, of another version, cut short or damaged
   */
  static ShardPart open(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer first = ByteBuffer.allocate(ShardHeader.BYTES);
      while (first.hasRemaining() && channel.read(first, first.position()) >= 0) {
        continue;
      }
      ShardHeader header = ShardHeader.decode(file, first.flip(), channel.size());
      MemorySegment entries = map(channel, header.index(), arena);
      compare(file, "index", header.index(), entries);
      MemorySegment text = map(channel, header.provenance(), arena);
      compare(file, "provenance", header.provenance(), text);
      return new ShardPart(
          file,
          header,
          decode(file, header, entries),
          StandardCharsets.UTF_8.decode(text.asByteBuffer()).toString(),
          map(channel, header.samples(), arena));
    }
  }

  private static MemorySegment map(FileChannel channel, ShardHeader.Section section, Arena arena)
      throws IOException {
    return channel
        .map(FileChannel.MapMode.READ_ONLY, section.offset(), section.bytes(), arena)
        .asReadOnly();
  }

  private static ShardIndex decode(Path file, ShardHeader header, MemorySegment entries)
      throws DataException {
    try {
      return new ShardIndex(entries, header.records(), header.samples().bytes());
    } catch (RuntimeException e) {
      throw new DataException(
          file, 0, "the index makes no sense (" + e.getMessage() + ")", PREPARE, e);
    }
  }

  /** Checksums of samples and index in hexadecimal. */
  String fingerprint() {
    return header.fingerprint();
  }

  /**
   * Reads all samples and compares their checksum with the header's.
   *
   * @throws DataException when they differ
   */
  void verify() throws DataException {
    compare(file, "samples", header.samples(), samples);
  }

  private static void compare(
      Path file, String name, ShardHeader.Section section, MemorySegment content)
      throws DataException {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < content.byteSize(); at += CHECK_BYTES) {
      long count = Math.min(CHECK_BYTES, content.byteSize() - at);
      MemorySegment piece = content.asSlice(at, count);
      crc.update(piece.asByteBuffer());
      if (count == CHECK_BYTES) {
        // What was read once need not stay in memory.
        piece.unload();
      }
    }
    if ((int) crc.getValue() != section.crc()) {
      throw new DataException(
          file, "its " + name + " section is damaged (checksum mismatch)", PREPARE);
    }
  }
}
