// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the index section of a shard, {@link ShardIndex}, encoded as it will lie in the file:
 * some 170 bytes a record instead of the objects that it stands for.
 */
final class ShardIndexWriter {
  private static final int FIRST_CAPACITY = 1 << 14;

  private final Vocabulary vocabulary;
  private final Map<String, Integer> patients = new LinkedHashMap<>();
  private final IntList places = new IntList();
  private ByteBuffer records = buffer(FIRST_CAPACITY);

  ShardIndexWriter(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Records added so far. */
  int size() {
    return places.size();
  }

  /**
   * Adds a record.
   *
   * @param offset first sample in int16 elements
   */
  void add(String id, Subject subject, QuantizedSignals signals, int[] rPeaks, long offset) {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    int bytes = name.length + ShardIndex.FIXED_BYTES + Integer.BYTES * (1 + rPeaks.length);
    ByteBuffer out = room(bytes).putInt(name.length).put(name);
    places.add(out.position());
    out.putInt(patients.computeIfAbsent(subject.patient(), patient -> patients.size()));
    out.putInt(subject.fold()).putInt(signals.length()).putLong(offset);
    for (long word : vocabulary.labelMask(subject)) {
      out.putLong(word);
    }
    for (long word : vocabulary.certainMask(subject)) {
      out.putLong(word);
    }
    out.putInt(vocabulary.superclassMask(subject)).putInt(subject.labelsVerbatim() ? 1 : 0);
    out.putLong(Double.doubleToLongBits(subject.age())).putInt(subject.sex().ordinal());
    out.putInt(signals.clipped()).putInt(ShardIndex.NO_DUPLICATE).putInt(rPeaks.length);
    for (int peak : rPeaks) {
      out.putInt(peak);
    }
  }

  /** Notes what a record repeats. */
  void markDuplicate(int record, int of) {
    records.putInt(places.get(record) + ShardIndex.DUPLICATE_OF, of);
  }

  /** Hands the section to a file, piece by piece. */
  void write(Target target) throws IOException {
    for (List<String> names :
        List.of(vocabulary.labels(), vocabulary.superclasses(), List.copyOf(patients.keySet()))) {
      target.write(buffer(Integer.BYTES).putInt(names.size()).flip());
      for (String name : names) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        target.write(buffer(Integer.BYTES + text.length).putInt(text.length).put(text).flip());
      }
    }
    target.write(records.duplicate().flip());
  }

  /** Takes the pieces of the section. */
  @FunctionalInterface
  interface Target {
    void write(ByteBuffer piece) throws IOException;
  }

  private ByteBuffer room(int bytes) {
    if (records.remaining() < bytes) {
      int capacity = Math.addExact(records.capacity(), Math.max(records.capacity() / 2, bytes));
      records = buffer(capacity).put(records.flip());
    }
    return records;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
