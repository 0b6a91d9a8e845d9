// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A DICOM data set or an item of one of its sequences: values and sequences by tag. */
final class DicomItem {
  private static final String REMEDY = "export the file again";

  private final Path file;
  private final Map<Integer, ByteBuffer> values = new HashMap<>();
  private final Map<Integer, List<DicomItem>> sequences = new HashMap<>();

  DicomItem(Path file) {
    this.file = file;
  }

  void put(int tag, ByteBuffer value) {
    values.put(tag, value);
  }

  void put(int tag, List<DicomItem> items) {
    sequences.put(tag, items);
  }

  /** The bytes of a value in the file's byte order; none when there is no such element. */
  ByteBuffer bytes(int tag) {
    ByteBuffer value = values.get(tag);
    return value == null ? ByteBuffer.allocate(0) : value.duplicate().order(value.order());
  }

  /** A text without padding; empty when there is no such element. */
  String text(int tag) {
    ByteBuffer value = bytes(tag);
    byte[] text = new byte[value.remaining()];
    value.get(text);
    return new String(text, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
  }

  /** The items of a sequence; none when there is no such element. */
  List<DicomItem> items(int tag) {
    return sequences.getOrDefault(tag, List.of());
  }

  /** The first item of a sequence; an empty one when there is none. */
  DicomItem item(int tag) {
    return items(tag).isEmpty() ? new DicomItem(file) : items(tag).getFirst();
  }

  /**
   * A number that is written as text.
   *
   * @param name the element's name, for the message
   */
  double decimal(int tag, String name) throws DataException {
    String text = text(tag);
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new DataException(
          file, 0, describe(tag, name) + " \"" + text + "\" is not a number", REMEDY, e);
    }
    throw new DataException(file, describe(tag, name) + " is " + text, REMEDY);
  }

  /** A number that is written as text, or another where there is no such element. */
  double decimal(int tag, String name, double otherwise) throws DataException {
    return text(tag).isEmpty() ? otherwise : decimal(tag, name);
  }

  /**
   * An unsigned binary number of two or four bytes.
   *
   * @param name the element's name, for the message
   */
  long unsigned(int tag, String name) throws DataException {
    ByteBuffer value = bytes(tag);
    return switch (value.remaining()) {
      case Short.BYTES -> value.getShort() & 0xFFFFL;
      case Integer.BYTES -> value.getInt() & 0xFFFFFFFFL;
      default ->
          throw new DataException(
              file, describe(tag, name) + " has " + value.remaining() + " bytes", REMEDY);
    };
  }

  private static String describe(int tag, String name) {
    return "%s (%04X,%04X)".formatted(name, tag >>> 16, tag & 0xFFFF);
  }
}
