// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The index section of a shard and its encoding: the names of labels, superclasses and patients,
 * then the records in order. Integers are little endian; a string is its length in bytes (int32)
 * and UTF-8; a list is its size (int32) and its elements.
 *
 * @param labels label codes by bit
 * @param superclasses superclass names by bit
 * @param patients patients' identifiers by index
 * @param records index entries
 */
record ShardIndex(
    List<String> labels,
    List<String> superclasses,
    List<String> patients,
    List<ShardRecord> records) {

  byte[] encode() {
    Output out = new Output(records.size() * 160 + 1024);
    for (List<String> names : List.of(labels, superclasses, patients)) {
      out.integer(names.size());
      names.forEach(out::string);
    }
    for (ShardRecord r : records) {
      out.string(r.id());
      out.integer(r.patient());
      out.integer(r.fold());
      out.integer(r.length());
      out.longInteger(r.offset());
      out.longInteger(r.labels()[0]);
      out.longInteger(r.labels()[1]);
      out.longInteger(r.certainLabels()[0]);
      out.longInteger(r.certainLabels()[1]);
      out.integer(r.superclasses());
      out.integer(r.labelsVerbatim() ? 1 : 0);
      out.longInteger(Double.doubleToLongBits(r.age()));
      out.integer(r.sex().ordinal());
      out.integer(r.clipped());
      out.integer(r.duplicateOf());
      out.integer(r.rPeaks().length);
      for (int peak : r.rPeaks()) {
        out.integer(peak);
      }
    }
    return out.toByteArray();
  }

  /** Decodes {@code count} records. Throws a runtime exception when the bytes make no sense. */
  static ShardIndex decode(ByteBuffer bytes, int count) {
    Input in = new Input(bytes.order(ByteOrder.LITTLE_ENDIAN));
    List<String> labels = in.strings();
    List<String> superclasses = in.strings();
    List<String> patients = in.strings();
    List<ShardRecord> records = new ArrayList<>(count);
    Subject.Sex[] sexes = Subject.Sex.values();
    for (int i = 0; i < count; i++) {
      String id = in.string();
      int patient = in.integer();
      records.add(
          new ShardRecord(
              i,
              id,
              patient,
              patients.get(patient),
              in.integer(),
              in.integer(),
              in.longInteger(),
              new long[] {in.longInteger(), in.longInteger()},
              new long[] {in.longInteger(), in.longInteger()},
              in.integer(),
              in.integer() != 0,
              Double.longBitsToDouble(in.longInteger()),
              sexes[in.integer()],
              in.integer(),
              in.integer(),
              in.integers()));
    }
    return new ShardIndex(labels, superclasses, patients, List.copyOf(records));
  }

  /** A buffer that grows. */
  private static final class Output {
    private ByteBuffer buffer;

    Output(int capacity) {
      buffer = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer room(int bytes) {
      if (buffer.remaining() < bytes) {
        int capacity = Math.addExact(buffer.capacity(), Math.max(buffer.capacity() / 2, bytes));
        buffer = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
      }
      return buffer;
    }

    void integer(int value) {
      room(4).putInt(value);
    }

    void longInteger(long value) {
      room(8).putLong(value);
    }

    void string(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      integer(bytes.length);
      room(bytes.length).put(bytes);
    }

    byte[] toByteArray() {
      return Arrays.copyOf(buffer.array(), buffer.position());
    }
  }

  /** Reads what {@link Output} wrote. */
  private record Input(ByteBuffer buffer) {
    int integer() {
      return buffer.getInt();
    }

    long longInteger() {
      return buffer.getLong();
    }

    /** A number of elements that the bytes left can hold. */
    private int count(int elementBytes) {
      int count = integer();
      if (count < 0 || count > buffer.remaining() / elementBytes) {
        throw new IllegalArgumentException("a list of " + count + " elements");
      }
      return count;
    }

    String string() {
      byte[] bytes = new byte[count(1)];
      buffer.get(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    List<String> strings() {
      int size = count(Integer.BYTES);
      List<String> result = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        result.add(string());
      }
      return List.copyOf(result);
    }

    int[] integers() {
      int[] result = new int[count(Integer.BYTES)];
      for (int i = 0; i < result.length; i++) {
        result[i] = integer();
      }
      return result;
    }
  }
}
