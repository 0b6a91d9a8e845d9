// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.precordia.signal.Preprocessing;

/**
 * Shards. An input has the header and what follows it on the page of the samples; the zeros between
 * them and the checksums are put in here.
 */
final class ShardFuzz extends ReaderFuzz {
  private static final int HEADER = 128;
  private static final int PAGE = 4096;
  private static final int[] SECTIONS = {32, 48, 64};
  private static final int CHECKSUMS = 80;

  ShardFuzz() {
    super("shard", "x.shard");
  }

  /** A sound shard of two records. */
  static byte[] sample() throws IOException {
    Subject subject =
        new Subject("p", 3, 61.5, Subject.Sex.FEMALE, Map.of("NORM", 100.0), Set.of("NORM"), true);
    Vocabulary vocabulary = Vocabulary.collect(List.of(subject), LabelPolicy.DEFAULT, code -> true);
    Path file = Files.createTempFile("precordia", ".shard");
    try (ShardWriter writer =
        new ShardWriter(AtomicFile.create(file), 100, Preprocessing.PAPER, vocabulary)) {
      writer.add("a", subject, new QuantizedSignals(new short[8][4], 0), new int[] {1, 3});
      writer.add("b", subject, new QuantizedSignals(new short[8][2], 1), new int[0]);
      writer.markDuplicate(1, 0);
      writer.finish(Map.of("dataset", "test"));
    }
    byte[] shard = Files.readAllBytes(file);
    Files.delete(file);
    return shard;
  }

  @Override
  List<byte[]> seeds() throws IOException {
    byte[] shard = sample();
    return List.of(
        join(Arrays.copyOf(shard, HEADER), Arrays.copyOfRange(shard, PAGE, shard.length)));
  }

  @Override
  List<String> words() {
    return List.of("PCDSHARD", "\u007f", "{}", "{\"a\":[]}", "NORM");
  }

  @Override
  List<byte[]> contents(List<byte[]> parts) {
    if (parts.size() < 2 || parts.getFirst().length < HEADER) {
      return parts;
    }
    byte[] header = Arrays.copyOf(Arrays.copyOf(parts.getFirst(), HEADER), PAGE);
    byte[] rest = parts.get(1);
    for (int i = 2; i < parts.size(); i++) {
      rest = join(rest, parts.get(i));
    }
    return List.of(seal(concatenate(header, rest)));
  }

  /** Puts in the checksums of whatever sections the header claims and the file has. */
  static byte[] seal(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < SECTIONS.length; i++) {
      long from = buffer.getLong(SECTIONS[i]);
      long bytes = buffer.getLong(SECTIONS[i] + Long.BYTES);
      if (from >= 0 && bytes >= 0 && from <= file.length && bytes <= file.length - from) {
        buffer.putInt(CHECKSUMS + Integer.BYTES * i, checksum(file, (int) from, (int) bytes));
      }
    }
    buffer.putInt(HEADER - Integer.BYTES, checksum(file, 0, HEADER - Integer.BYTES));
    return file;
  }

  private static int checksum(byte[] bytes, int from, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, count);
    return (int) crc.getValue();
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    reading.read(
        () -> {
          try (Shard shard = Shard.open(reading.folder().resolve("x.shard"))) {
            shard.verify();
            for (int i = 0; i < shard.records(); i++) {
              GuardedReading.require(
                  shard.patient(shard.record(i).patient()).equals(shard.record(i).patientName()),
                  "another patient",
                  null);
              shard.millivolts(i);
            }
            shard.provenance();
            return shard.fingerprint() + shard.labels() + shard.superclasses() + shard.preset();
          }
        });
  }
}
