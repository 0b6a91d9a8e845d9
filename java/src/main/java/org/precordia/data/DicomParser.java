// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Takes a DICOM file (part 10) apart into its elements. Values stay slices of the one copy of the
 * file in memory; every length is checked against what encloses it.
 */
final class DicomParser {
  /** Bytes before the mark {@code DICM}. */
  static final int PREAMBLE = 128;

  private static final int TRANSFER_SYNTAX = 0x0002_0010;
  private static final int META_GROUP = 0x0002;
  private static final int ITEM = 0xFFFE_E000;
  private static final int ITEM_END = 0xFFFE_E00D;
  private static final int SEQUENCE_END = 0xFFFE_E0DD;
  private static final long UNDEFINED = 0xFFFF_FFFFL;

  /** Sequences within sequences; a waveform has three. */
  private static final int DEEPEST = 16;

  /** Value representations whose length takes four bytes behind two that are reserved. */
  private static final Set<String> LONG =
      Set.of("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV");

  /** Sequences that an implicit value representation does not tell from other values. */
  private static final Set<Integer> SEQUENCES =
      Set.of(
          DicomTag.WAVEFORM_SEQUENCE,
          DicomTag.CHANNEL_DEFINITION_SEQUENCE,
          DicomTag.CHANNEL_SOURCE_SEQUENCE,
          DicomTag.CHANNEL_SENSITIVITY_UNITS_SEQUENCE);

  private final Path file;
  private final ByteBuffer buffer;
  private boolean explicit = true;

  private DicomParser(Path file, ByteBuffer buffer) {
    this.file = file;
    this.buffer = buffer;
  }

  /**
   * Reads a file.
   *
   * @throws DataException when it is cut short, nested without end, or compressed
   */
  static DicomItem parse(Path file) throws IOException {
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE - 8) {
      throw new DataException(
          file, "is " + size + " bytes long, more than a waveform file", "give a waveform file");
    }
    ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file));
    buffer.position(PREAMBLE + "DICM".length()).order(ByteOrder.LITTLE_ENDIAN);
    return new DicomParser(file, buffer).run();
  }

  private DicomItem run() throws DataException {
    DicomItem meta = new DicomItem(file);
    while (buffer.remaining() >= 8 && (buffer.getShort(buffer.position()) & 0xFFFF) == META_GROUP) {
      element(meta, buffer.limit(), 0);
    }
    String syntax = meta.text(TRANSFER_SYNTAX);
    switch (syntax) {
      case "1.2.840.10008.1.2" -> explicit = false;
      case "1.2.840.10008.1.2.1" -> explicit = true;
      case "1.2.840.10008.1.2.2" -> buffer.order(ByteOrder.BIG_ENDIAN);
      default ->
          throw new DataException(
              file,
              "has the transfer syntax \"" + syntax + "\"",
              "export it as explicit or implicit VR, without compression");
    }
    DicomItem set = new DicomItem(file);
    while (buffer.hasRemaining()) {
      element(set, buffer.limit(), 0);
    }
    return set;
  }

  private void element(DicomItem into, int end, int depth) throws DataException {
    int tag = tag(end);
    String representation = "";
    long length;
    if (explicit) {
      byte[] letters = {next(end), next(end)};
      representation = new String(letters, StandardCharsets.ISO_8859_1);
      if (LONG.contains(representation)) {
        need(2 + Integer.BYTES, end);
        buffer.getShort();
        length = buffer.getInt() & UNDEFINED;
      } else {
        need(Short.BYTES, end);
        length = buffer.getShort() & 0xFFFFL;
      }
    } else {
      need(Integer.BYTES, end);
      length = buffer.getInt() & UNDEFINED;
    }
    boolean sequence =
        representation.equals("SQ") || length == UNDEFINED || !explicit && SEQUENCES.contains(tag);
    if (!sequence) {
      into.put(tag, slice(length, end));
    } else if (length == UNDEFINED && representation.startsWith("O")) {
      throw error("a value is in compressed pieces");
    } else {
      into.put(tag, sequence(length, end, depth + 1));
    }
  }

  private List<DicomItem> sequence(long length, int end, int depth) throws DataException {
    if (depth > DEEPEST) {
      throw error("sequences lie more than " + DEEPEST + " deep");
    }
    List<DicomItem> items = new ArrayList<>();
    int last = length == UNDEFINED ? end : limit(length, end);
    while (buffer.position() < last) {
      int tag = tag(last);
      need(Integer.BYTES, last);
      long itemLength = buffer.getInt() & UNDEFINED;
      if (tag == SEQUENCE_END && length == UNDEFINED) {
        return items;
      }
      if (tag != ITEM) {
        throw error("a sequence holds the element %04X,%04X".formatted(tag >>> 16, tag & 0xFFFF));
      }
      items.add(item(itemLength, last, depth));
    }
    if (length == UNDEFINED) {
      throw error("a sequence has no end");
    }
    return items;
  }

  private DicomItem item(long length, int end, int depth) throws DataException {
    DicomItem item = new DicomItem(file);
    int last = length == UNDEFINED ? end : limit(length, end);
    while (buffer.position() < last) {
      if (length == UNDEFINED) {
        int position = buffer.position();
        if (tag(last) == ITEM_END) {
          need(Integer.BYTES, last);
          buffer.getInt();
          return item;
        }
        buffer.position(position);
      }
      element(item, last, depth);
    }
    if (length == UNDEFINED) {
      throw error("an item has no end");
    }
    return item;
  }

  private int tag(int end) throws DataException {
    need(2 * Short.BYTES, end);
    int group = buffer.getShort() & 0xFFFF;
    return group << 16 | buffer.getShort() & 0xFFFF;
  }

  private byte next(int end) throws DataException {
    need(1, end);
    return buffer.get();
  }

  private ByteBuffer slice(long length, int end) throws DataException {
    int last = limit(length, end);
    ByteBuffer value =
        buffer.slice(buffer.position(), last - buffer.position()).order(buffer.order());
    buffer.position(last);
    return value;
  }

  private int limit(long length, int end) throws DataException {
    need(length, end);
    return buffer.position() + (int) length;
  }

  private void need(long bytes, int end) throws DataException {
    if (bytes > end - buffer.position()) {
      throw new DataException(
          file,
          "is cut short or damaged: %d bytes are announced at position %d, %d are there"
              .formatted(bytes, buffer.position(), end - buffer.position()),
          "fetch the file again");
    }
  }

  private DataException error(String problem) {
    return new DataException(file, problem, "export the file again");
  }
}
