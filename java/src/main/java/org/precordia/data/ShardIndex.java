// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The index section of a shard as it lies in the file: the names of labels, superclasses and
 * patients, then the records in order. Integers are little endian; a string is its length in bytes
 * (int32) and UTF-8; a list is its size (int32) and its elements. {@link ShardIndexWriter} writes
 * it.
 *
 * <p>A million records as objects take hundreds of megabytes. So entries stay encoded, in the
 * mapped file, and are decoded when asked for; only their places are held, four bytes each.
 */
final class ShardIndex {
  /** Places of a record's numbers, in bytes from the end of its identifier. */
  static final int PATIENT = 0;

  static final int FOLD = 4;
  static final int LENGTH = 8;
  static final int OFFSET = 12;
  static final int LABELS = 20;
  static final int CERTAIN_LABELS = 36;
  static final int SUPERCLASSES = 52;
  static final int LABELS_VERBATIM = 56;
  static final int AGE = 60;
  static final int SEX = 68;
  static final int CLIPPED = 72;
  static final int DUPLICATE_OF = 76;
  static final int PEAKS = 80;
  static final int FIXED_BYTES = 84;

  /** Says that a record repeats none. */
  static final int NO_DUPLICATE = -1;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final Subject.Sex[] SEXES = Subject.Sex.values();

  private final MemorySegment bytes;
  private final List<String> labels;
  private final List<String> superclasses;
  private final List<String> patients;

  /** First byte of each record's identifier. */
  private final int[] places;

  private int lastRepeated = NO_DUPLICATE;

  /**
   * Reads the names and finds the records.
   *
   * @param bytes the section
   * @param count records in it
   * @param sampleBytes bytes of the samples, inside which the records must lie
   * @throws RuntimeException when the bytes make no sense
   */
  ShardIndex(MemorySegment bytes, int count, long sampleBytes) {
    this.bytes = bytes;
    Cursor in = new Cursor();
    labels = in.strings();
    superclasses = in.strings();
    patients = in.strings();
    places = new int[count];
    for (int i = 0; i < count; i++) {
      places[i] = in.at;
      check(i, in.skipRecord(), sampleBytes);
    }
  }

  private void check(int record, int numbers, long sampleBytes) {
    int length = integer(numbers + LENGTH);
    long offset = longInteger(numbers + OFFSET);
    long held = sampleBytes / Short.BYTES;
    // A length is below 2^31, so that only the offset could make the sum overflow.
    boolean inside = offset >= 0 && offset <= held && length >= 0;
    if (!inside || offset + (long) ShardHeader.LEADS * length > held) {
      throw new IllegalArgumentException("record " + id(record) + " lies outside the samples");
    }
    if (integer(numbers + PATIENT) < 0 || integer(numbers + PATIENT) >= patients.size()) {
      throw new IllegalArgumentException("record " + id(record) + " is of no patient");
    }
    if (integer(numbers + SEX) < 0 || integer(numbers + SEX) >= SEXES.length) {
      throw new IllegalArgumentException("record " + id(record) + " has an unknown sex");
    }
    int of = integer(numbers + DUPLICATE_OF);
    if (of >= record) {
      throw new IllegalArgumentException(
          "record " + id(record) + " repeats record " + of + ", which is no earlier one");
    }
    if (of < NO_DUPLICATE) {
      lastRepeated = Math.max(lastRepeated, outside(of));
    }
  }

  /** The last record of earlier files that one of these repeats, or -1. */
  int lastRepeated() {
    return lastRepeated;
  }

  /** The record of a data set that a number below {@link #NO_DUPLICATE} stands for, or back. */
  static int outside(int number) {
    return -2 - number;
  }

  /** Number of records. */
  int size() {
    return places.length;
  }

  /** Label codes by bit. */
  List<String> labels() {
    return labels;
  }

  /** Superclass names by bit. */
  List<String> superclasses() {
    return superclasses;
  }

  /** Patients' identifiers by index. */
  List<String> patients() {
    return patients;
  }

  /** What a record repeats, as it is stored; see {@link Shard} for what the number means. */
  int duplicateOf(int record) {
    return integer(numbers(record) + DUPLICATE_OF);
  }

  /** Samples per lead of a record. */
  int length(int record) {
    return integer(numbers(record) + LENGTH);
  }

  /** First sample of a record in int16 elements. */
  long offset(int record) {
    return longInteger(numbers(record) + OFFSET);
  }

  /** Mask of a record's superclasses. */
  int superclasses(int record) {
    return integer(numbers(record) + SUPERCLASSES);
  }

  /** Index of a record's patient. */
  int patient(int record) {
    return integer(numbers(record) + PATIENT);
  }

  /**
   * Decodes a record.
   *
   * @param record position in this index
   * @param index its position in the data set
   * @param offset first sample in the data set
   * @param patient its patient's index in the data set
   * @param duplicateOf the record of the data set that it repeats, or -1
   */
  ShardRecord record(int record, int index, long offset, int patient, int duplicateOf) {
    int at = numbers(record);
    int[] peaks = new int[integer(at + PEAKS)];
    MemorySegment.copy(bytes, INT, at + FIXED_BYTES, peaks, 0, peaks.length);
    return new ShardRecord(
        index,
        id(record),
        patient,
        patients.get(integer(at + PATIENT)),
        integer(at + FOLD),
        integer(at + LENGTH),
        offset,
        new long[] {longInteger(at + LABELS), longInteger(at + LABELS + Long.BYTES)},
        new long[] {
          longInteger(at + CERTAIN_LABELS), longInteger(at + CERTAIN_LABELS + Long.BYTES)
        },
        integer(at + SUPERCLASSES),
        integer(at + LABELS_VERBATIM) != 0,
        Double.longBitsToDouble(longInteger(at + AGE)),
        SEXES[integer(at + SEX)],
        integer(at + CLIPPED),
        duplicateOf,
        peaks);
  }

  private String id(int record) {
    int at = places[record];
    return string(at + Integer.BYTES, integer(at));
  }

  /** Where a record's numbers begin, behind its identifier. */
  private int numbers(int record) {
    int at = places[record];
    return at + Integer.BYTES + integer(at);
  }

  private int integer(long at) {
    return bytes.get(INT, at);
  }

  private long longInteger(long at) {
    return bytes.get(LONG, at);
  }

  private String string(long at, int length) {
    byte[] text = new byte[length];
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, text, 0, length);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Walks through the section once. */
  private final class Cursor {
    private int at;

    private int next() {
      int value = integer(at);
      at += Integer.BYTES;
      return value;
    }

    private int count(int bytesEach) {
      int count = next();
      if (count < 0 || (long) count * bytesEach > bytes.byteSize() - at) {
        throw new IllegalArgumentException("a list of " + count + " elements at byte " + at);
      }
      return count;
    }

    List<String> strings() {
      int size = count(Integer.BYTES);
      List<String> result = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        int length = count(1);
        result.add(string(at, length));
        at += length;
      }
      return List.copyOf(result);
    }

    /** Moves behind a record and tells where its numbers begin. */
    int skipRecord() {
      int idBytes = count(1);
      int numbers = at + idBytes;
      at = numbers + PEAKS;
      int peaks = count(Integer.BYTES);
      at += Integer.BYTES * peaks;
      return numbers;
    }
  }
}
