// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.signal.Preprocessing;

/** A data set in several files. */
class DataSetTest {
  /** Records of 600 samples: 9,600 bytes each, three of them to a file. */
  private static final long PART = 30_000;

  private static final int RECORDS = 17;

  @TempDir Path folder;

  private Path target() {
    return folder.resolve("set");
  }

  /** Records of which the last four repeat earlier ones; two records a patient. */
  private static MemorySource source() {
    int[] same = {1, 0, 1, 1};
    MemorySource source = new MemorySource();
    for (int i = 0; i < RECORDS; i++) {
      int seed = i < RECORDS - same.length ? i : same[i - RECORDS + same.length];
      String patient = "p" + i % 9;
      source.add(
          MemorySource.beats("r" + i, 100, 600, seed),
          new Subject(
              patient,
              i % 9 + 1,
              40 + i,
              Subject.Sex.FEMALE,
              Map.of(i % 2 == 0 ? "NORM" : "IMI", 100.0),
              Set.of(i % 2 == 0 ? "NORM" : "MI"),
              true));
    }
    return source;
  }

  private static PreparationReport prepare(Path target, long partBytes) throws IOException {
    return Preparation.run(
        source(),
        target,
        PreparationSettings.defaults().withThreads(2).withPartBytes(partBytes),
        (done, total, rate) -> {});
  }

  private void assertSame(Shard expected, Shard actual) {
    assertEquals(expected.records(), actual.records());
    assertEquals(expected.patients(), actual.patients());
    assertEquals(expected.labels(), actual.labels());
    assertEquals(expected.superclasses(), actual.superclasses());
    for (int i = 0; i < expected.records(); i++) {
      ShardRecord a = expected.record(i);
      ShardRecord b = actual.record(i);
      assertEquals(i, b.index());
      assertEquals(a.id(), b.id());
      assertEquals(a.patient(), b.patient());
      assertEquals(a.patientName(), actual.patient(b.patient()));
      assertEquals(a.patient(), actual.patientOf(i));
      assertEquals(a.superclasses(), actual.superclasses(i));
      assertEquals(a.fold(), b.fold());
      assertEquals(a.offset(), b.offset());
      assertEquals(b.offset(), actual.offset(i));
      assertEquals(a.length(), actual.length(i));
      assertArrayEquals(a.labels(), b.labels());
      assertEquals(a.duplicateOf(), b.duplicateOf(), "record " + i);
      assertArrayEquals(a.rPeaks(), b.rPeaks());
      assertArrayEquals(expected.millivolts(i), actual.millivolts(i));
    }
  }

  @Test
  void isTheSameDataAsOneFile() throws IOException {
    Path file = folder.resolve("one.shard");
    PreparationReport one = prepare(file, 0);
    PreparationReport several = prepare(target(), PART);
    assertEquals(one.patients(), several.patients());
    assertEquals(one.duplicates(), several.duplicates());
    assertEquals(4, several.duplicates().size());
    try (Shard expected = Shard.open(file);
        Shard actual = Shard.open(target())) {
      assertEquals(6, actual.files().size());
      assertSame(expected, actual);
      actual.verify();
      assertEquals("memory", actual.provenance().get("dataset"));
      assertEquals(
          expected.sampleBytes(), actual.samples().stream().mapToLong(s -> s.byteSize()).sum());
      for (int i = 0; i < RECORDS; i++) {
        assertEquals(i / 3, actual.partOf(i));
      }
      assertThrows(IndexOutOfBoundsException.class, () -> actual.record(RECORDS));
      assertThrows(IndexOutOfBoundsException.class, () -> actual.copy(3, 0, 590, new short[11]));
    }
  }

  @Test
  void everyPartIsAShardWithItsOwnDuplicates() throws IOException {
    prepare(target(), PART);
    // The last file holds records 15 and 16, which both repeat record 1 of the first file.
    try (Shard part = Shard.open(target().resolve("part-00005.shard"))) {
      part.verify();
      assertEquals(2, part.records());
      assertEquals("record 15", part.record(0).id());
      assertFalse(part.record(0).isDuplicate());
      assertEquals(0, part.record(1).duplicateOf());
      assertEquals(6, part.provenance().get("part"));
    }
  }

  @Test
  void sameContentHasTheSameFingerprintAndOtherContentAnother() throws IOException {
    prepare(target(), PART);
    prepare(folder.resolve("again"), PART);
    prepare(folder.resolve("other"), 2 * PART);
    prepare(folder.resolve("single"), 1 << 30);
    prepare(folder.resolve("file"), 0);
    assertEquals(fingerprint("set"), fingerprint("again"));
    assertFalse(fingerprint("set").equals(fingerprint("other")));
    assertEquals(fingerprint("file"), fingerprint("single"));
  }

  private String fingerprint(String name) throws IOException {
    try (Shard shard = Shard.open(folder.resolve(name))) {
      return shard.fingerprint();
    }
  }

  private void assertRefused(Path named, String problem) {
    DataException e = assertThrows(DataException.class, () -> Shard.open(target()).close());
    assertEquals(named, e.file(), e.getMessage());
    assertTrue(e.problem().contains(problem), e.getMessage());
    assertTrue(e.remedy().contains("precordia prepare"), e.getMessage());
  }

  @Test
  void whatIsMissingSwappedOrDamagedIsNamed() throws IOException {
    prepare(target(), PART);
    Path third = target().resolve("part-00002.shard");
    Path aside = folder.resolve("aside");
    Files.move(third, aside);
    assertRefused(third, "is missing, part 3 of 6");

    Files.copy(target().resolve("part-00001.shard"), third);
    assertRefused(third, "");
    byte[] content = Files.readAllBytes(aside);
    content[content.length - 1] ^= 1;
    Files.write(third, content);
    assertRefused(third, "provenance section is damaged");
    Files.write(third, Arrays.copyOf(content, content.length - 5));
    assertRefused(third, "bytes instead of");

    Files.move(aside, third, StandardCopyOption.REPLACE_EXISTING);
    Shard.open(target()).close();
    content = Files.readAllBytes(third);
    content[5000] ^= 1;
    Files.write(third, content);
    try (Shard shard = Shard.open(target())) {
      DataException e = assertThrows(DataException.class, shard::verify);
      assertEquals(third, e.file());
    }
  }

  @Test
  void aPartOfAnotherPreparationIsRefused() throws IOException {
    prepare(target(), PART);
    Path second = target().resolve("part-00001.shard");
    Path first = target().resolve("part-00000.shard");
    byte[] other = Files.readAllBytes(second);
    // The same length: only the content tells.
    Files.write(first, Arrays.copyOf(other, (int) Files.size(first)));
    DataException e = assertThrows(DataException.class, () -> Shard.open(target()).close());
    assertEquals(first, e.file());
  }

  @Test
  void aManifestThatIsMissingOrMakesNoSenseIsRefused() throws IOException {
    prepare(target(), PART);
    Path file = target().resolve(Manifest.NAME);
    String good = Files.readString(file);
    Files.writeString(file, good.substring(0, good.length() / 2));
    assertRefused(file, "is not JSON");
    Files.writeString(file, "{}");
    assertRefused(file, "does not describe");
    Files.writeString(file, good.replace("\"version\" : 1", "\"version\" : 7"));
    assertRefused(file, "version 7");
    Files.writeString(file, good.replace("part-00001.shard", "../part-00001.shard"));
    assertRefused(file, "makes no sense at part 1");
    Files.writeString(
        file, good.replaceFirst("\"fingerprint\" : \"....", "\"fingerprint\" : \"0000"));
    assertRefused(file, "lists other parts");
    Files.delete(file);
    assertRefused(target(), "without manifest.json");
  }

  @Test
  void replacesADataSetAndNothingElse() throws IOException {
    prepare(target(), PART);
    prepare(target(), 2 * PART);
    try (Shard shard = Shard.open(target())) {
      assertEquals(3, shard.files().size());
    }
    assertOnlyTargets(1);
    Files.createDirectory(folder.resolve("notes"));
    Files.writeString(folder.resolve("notes/mine.txt"), "keep");
    assertThrows(DataException.class, () -> prepare(folder.resolve("notes"), PART));
    assertThrows(DataException.class, () -> prepare(target(), 0));
    Files.writeString(folder.resolve("plain"), "keep");
    assertThrows(DataException.class, () -> prepare(folder.resolve("plain"), PART));
    assertOnlyTargets(3);
  }

  private void assertOnlyTargets(int count) throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      List<Path> paths = left.toList();
      assertEquals(count, paths.size(), paths.toString());
    }
  }

  @Test
  void whatIsNotFinishedLeavesNothing() throws IOException {
    MemorySource source = source();
    Vocabulary vocabulary =
        Vocabulary.collect(List.of(source.subject(0)), LabelPolicy.DEFAULT, code -> true);
    try (DataSetWriter writer =
        new DataSetWriter(target(), PART, 100, Preprocessing.DEFAULT, vocabulary)) {
      for (int i = 0; i < 7; i++) {
        short[][] rows = new short[8][600];
        writer.add("r" + i, source.subject(i), new QuantizedSignals(rows, 0), new int[0]);
      }
      assertEquals(7, writer.size());
      assertFalse(Files.exists(target()));
    }
    assertOnlyTargets(0);
  }

  @Test
  void aBadRecordThatStopsThePreparationLeavesTheOldDataSet() throws IOException {
    prepare(target(), PART);
    String before = fingerprint("set");
    MemorySource bad = source().add(null, source().subject(0));
    PreparationSettings settings =
        PreparationSettings.defaults()
            .with(PreparationSettings.OnBadRecord.FAIL)
            .withPartBytes(PART);
    assertThrows(
        DataException.class,
        () -> Preparation.run(bad, target(), settings, (done, total, rate) -> {}));
    assertEquals(before, fingerprint("set"));
    assertOnlyTargets(1);
  }
}
