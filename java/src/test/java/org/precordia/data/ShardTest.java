// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.precordia.signal.Preprocessing;

class ShardTest {
  @TempDir Path folder;

  private static final List<Subject> SUBJECTS =
      List.of(
          subject("p1", 3, Map.of("NORM", 100.0), Set.of("NORM")),
          subject("p\u00e4tient 2", 9, Map.of("IMI", 0.0, "LVH", 50.0), Set.of("MI", "HYP")),
          subject("p1", 3, Map.of("IMI", 80.0, "SR", 0.0, "PACE", 90.0), Set.of("MI")));
  private static final Vocabulary VOCABULARY =
      Vocabulary.collect(
          SUBJECTS, LabelPolicy.DEFAULT, code -> !Set.of("SR", "PACE").contains(code));

  private static Subject subject(
      String patient, int fold, Map<String, Double> codes, Set<String> superclasses) {
    return new Subject(patient, fold, 61.5, Subject.Sex.FEMALE, codes, superclasses, fold != 9);
  }

  private static QuantizedSignals signals(int length, int seed) {
    Random random = new Random(seed);
    short[][] rows = new short[8][length];
    for (short[] row : rows) {
      for (int t = 0; t < length; t++) {
        row[t] = (short) random.nextInt(-32768, 32768);
      }
    }
    return new QuantizedSignals(rows, seed);
  }

  private Path write(AtomicFile file) throws IOException {
    try (ShardWriter writer = new ShardWriter(file, 100, Preprocessing.PAPER, VOCABULARY)) {
      writer.add("a", SUBJECTS.get(0), signals(1000, 1), new int[] {5, 80});
      writer.add("b", SUBJECTS.get(1), signals(77, 2), new int[0]);
      writer.add("c", SUBJECTS.get(2), signals(300_000, 3), new int[] {299_999});
      assertEquals(3, writer.size());
      writer.markDuplicate(2, 0);
      writer.finish(Map.of("dataset", "test", "counts", Map.of("records", 3)));
    }
    return folder.resolve("x.shard");
  }

  private Path write() throws IOException {
    return write(AtomicFile.create(folder.resolve("x.shard")));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    try (Shard shard = Shard.open(write())) {
      shard.verify();
      assertEquals(3, shard.records());
      assertEquals(2, shard.patients());
      assertEquals(Preprocessing.PAPER, shard.preset());
      assertEquals(100, shard.rate());
      assertEquals(List.of("IMI", "NORM", "PACE"), shard.labels());
      assertEquals(List.of("NORM", "MI", "STTC", "CD", "HYP"), shard.superclasses());
      assertEquals("test", shard.provenance().get("dataset"));
      assertEquals(Map.of("records", 3), shard.provenance().get("counts"));
      ShardRecord a = shard.record(0);
      ShardRecord b = shard.record(1);
      ShardRecord c = shard.record(2);
      assertEquals("a", a.id());
      assertEquals("p\u00e4tient 2", b.patientName());
      assertEquals(a.patient(), c.patient());
      assertEquals("p1", shard.patient(c.patient()));
      assertEquals(9, b.fold());
      assertEquals(77, b.length());
      assertArrayEquals(new long[] {0b010, 0}, a.labels());
      assertArrayEquals(new long[] {0b001, 0}, b.labels());
      assertArrayEquals(new long[] {0, 0}, b.certainLabels());
      assertArrayEquals(new long[] {0b001, 0}, c.labels());
      assertArrayEquals(new long[] {0b101, 0}, c.certainLabels());
      assertTrue(c.hasLabel(0));
      assertFalse(c.hasLabel(2));
      assertEquals(0b10010, b.superclasses());
      assertTrue(a.labelsVerbatim());
      assertFalse(b.labelsVerbatim());
      assertEquals(61.5, c.age());
      assertEquals(Subject.Sex.FEMALE, c.sex());
      assertEquals(3, c.clipped());
      assertFalse(a.isDuplicate());
      assertEquals(0, c.duplicateOf());
      assertArrayEquals(new int[] {5, 80}, a.rPeaks());
      assertArrayEquals(new int[] {299_999}, c.rPeaks());
    }
  }

  @Test
  void samplesLieLeadAfterLeadOnCacheLines() throws IOException {
    try (Shard shard = Shard.open(write())) {
      for (int i = 0; i < 3; i++) {
        ShardRecord r = shard.record(i);
        assertEquals(0, r.offset() * 2 % 64);
        assertEquals(0, shard.samples().getFirst().address() % 64);
        short[][] expected = signals(r.length(), i + 1).microvolts();
        float[][] millivolts = shard.millivolts(i);
        for (int lead = 0; lead < 8; lead++) {
          short[] row = new short[r.length() - 10];
          shard.copy(i, lead, 10, row);
          assertArrayEquals(Arrays.copyOfRange(expected[lead], 10, r.length()), row);
          short value =
              shard
                  .samples()
                  .getFirst()
                  .get(
                      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                      2 * (r.offset() + (long) lead * r.length() + 7));
          assertEquals(expected[lead][7], value);
          assertEquals(value == Short.MIN_VALUE ? Float.NaN : value / 1000f, millivolts[lead][7]);
        }
      }
      assertThrows(IndexOutOfBoundsException.class, () -> shard.copy(1, 0, 70, new short[8]));
      assertThrows(IndexOutOfBoundsException.class, () -> shard.copy(1, 8, 0, new short[8]));
    }
  }

  @Test
  void anEmptyShardIsAShard() throws IOException {
    Path file = folder.resolve("empty.shard");
    try (ShardWriter writer =
        new ShardWriter(AtomicFile.create(file), 100, Preprocessing.DEFAULT, VOCABULARY)) {
      writer.finish(Map.of());
    }
    try (Shard shard = Shard.open(file)) {
      shard.verify();
      assertEquals(0, shard.records());
    }
  }

  @Test
  void quantizationRoundsMarksAndClips() {
    double[][] rows = new double[8][];
    Arrays.fill(rows, new double[] {0.0004, 0.0006, -1.2344, Double.NaN, 32.7671, 32.768, -40});
    QuantizedSignals q = QuantizedSignals.of(rows);
    assertArrayEquals(
        new short[] {0, 1, -1234, Short.MIN_VALUE, 32767, 32767, -32767}, q.microvolts()[3]);
    assertEquals(16, q.clipped());
    assertThrows(
        IllegalArgumentException.class, () -> QuantizedSignals.of(new double[][] {new double[4]}));
  }

  @Test
  void closedShardRefusesAccess() throws IOException {
    Shard shard = Shard.open(write());
    shard.close();
    shard.close();
    assertThrows(IllegalStateException.class, () -> shard.copy(0, 0, 0, new short[1]));
  }

  @Test
  void equalContentHasEqualFingerprint() throws IOException {
    String first;
    try (Shard shard = Shard.open(write())) {
      first = shard.fingerprint();
    }
    try (Shard shard = Shard.open(write())) {
      assertEquals(first, shard.fingerprint());
    }
  }

  private void assertRefused(byte[] content, String message) throws IOException {
    Path file = folder.resolve("bad.shard");
    Files.write(file, content);
    DataException e = assertThrows(DataException.class, () -> Shard.open(file).close());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().contains("precordia prepare"), e.getMessage());
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] good = Files.readAllBytes(write());
    assertRefused(new byte[0], "is not a Precordia shard");
    assertRefused("PK and something else entirely".getBytes(), "is not a Precordia shard");
    assertRefused(Arrays.copyOf(good, 100), "cut short: 100 bytes");
    assertRefused(Arrays.copyOf(good, good.length - 1), "cut short");
    assertRefused(Arrays.copyOf(good, good.length / 2), "cut short");
    byte[] version = good.clone();
    version[8] = 9;
    assertRefused(version, "version 9, this program reads version 1");
    byte[] header = good.clone();
    header[20] ^= 1;
    assertRefused(header, "damaged header");
    ByteBuffer sections = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN);
    byte[] index = good.clone();
    index[(int) sections.getLong(48) + 30] ^= 4;
    assertRefused(index, "index section is damaged");
    byte[] provenance = good.clone();
    provenance[(int) sections.getLong(64) + 3] ^= 4;
    assertRefused(provenance, "provenance section is damaged");
    assertThrows(DataException.class, () -> Shard.open(folder.resolve("absent")));
  }

  @Test
  void damagedSamplesAreFoundByFullVerification() throws IOException {
    byte[] content = Files.readAllBytes(write());
    content[4096 + 12_345] ^= 1;
    Path file = folder.resolve("flipped.shard");
    Files.write(file, content);
    try (Shard shard = Shard.open(file)) {
      DataException e = assertThrows(DataException.class, shard::verify);
      assertTrue(e.getMessage().contains("samples section is damaged"), e.getMessage());
    }
  }

  /** A medium that is full after some bytes. */
  private record FullMedium(SeekableByteChannel inner, long capacity)
      implements SeekableByteChannel {
    @Override
    public int write(ByteBuffer source) throws IOException {
      if (inner.position() + source.remaining() > capacity) {
        throw new IOException("No space left on device");
      }
      return inner.write(source);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return inner.read(target);
    }

    @Override
    public long position() throws IOException {
      return inner.position();
    }

    @Override
    public SeekableByteChannel position(long bytes) throws IOException {
      inner.position(bytes);
      return this;
    }

    @Override
    public long size() throws IOException {
      return inner.size();
    }

    @Override
    public SeekableByteChannel truncate(long bytes) throws IOException {
      inner.truncate(bytes);
      return this;
    }

    @Override
    public boolean isOpen() {
      return inner.isOpen();
    }

    @Override
    public void close() throws IOException {
      inner.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {100_000, 4_820_000, 4_821_500})
  void aFullMediumLeavesNothingBehind(long capacity) throws IOException {
    Path target = folder.resolve("x.shard");
    Files.writeString(target, "older");
    AtomicFile file = AtomicFile.create(target, inner -> new FullMedium(inner, capacity));
    DataException e = assertThrows(DataException.class, () -> write(file));
    assertTrue(e.getMessage().contains("no space left on the device"), e.getMessage());
    assertTrue(e.getMessage().contains("x.shard"), e.getMessage());
    assertEquals("older", Files.readString(target));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(target), left.toList());
    }
  }

  @Test
  void anUnfinishedShardLeavesNothingBehind() throws IOException {
    Path target = folder.resolve("sub/x.shard");
    try (ShardWriter writer =
        new ShardWriter(AtomicFile.create(target), 100, Preprocessing.DEFAULT, VOCABULARY)) {
      writer.add("a", SUBJECTS.get(0), signals(5000, 1), new int[0]);
    }
    try (Stream<Path> left = Files.list(target.getParent())) {
      assertEquals(0, left.count());
    }
    Files.writeString(folder.resolve("plain"), "a file, not a folder");
    assertThrows(DataException.class, () -> AtomicFile.create(folder.resolve("plain/x")));
  }
}
