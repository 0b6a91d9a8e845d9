// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.model.Safetensors;

/**
 * The classical attacks on readers, each on every reader that it fits: all are refused by a typed
 * error, and none makes a reader allocate what the file only claims.
 */
class HostileFilesTest {
  @TempDir Path folder;

  /** What a path that leads out would find. */
  @BeforeEach
  void writeSecret() throws IOException {
    Files.createDirectory(folder.resolve("in"));
    Files.write(folder.resolve("a.dat"), new byte[64]);
    Files.writeString(folder.resolve("a.hea"), "a 1 100 2\na.dat 16 1 16 0 0 0 0 I\n");
    Files.write(folder.resolve("in/a.dat"), new byte[64]);
  }

  /** Writes a file and requires that reading it is refused, for this reason. */
  private void refused(String name, byte[] content, String reason) throws IOException {
    Path in = folder.resolve("in");
    Path file = in.resolve(name);
    Files.write(file, content);
    String[] problem = {""};
    Optional<Object> value =
        new GuardedReading(folder, content.length)
            .read(
                () -> {
                  try {
                    return switch (name.substring(name.lastIndexOf('.'))) {
                      case ".table" -> OwnTable.open(in, file, 1);
                      case ".safetensors" -> Safetensors.read(file);
                      case ".shard" -> Shard.open(file);
                      default -> Recordings.read(file);
                    };
                  } catch (IOException e) {
                    problem[0] = e.getMessage();
                    throw e;
                  }
                });
    assertTrue(value.isEmpty(), "it was read");
    assertTrue(problem[0].contains(reason), problem[0]);
  }

  private void refused(String name, String content, String reason) throws IOException {
    refused(name, content.replace('|', '\n').getBytes(StandardCharsets.ISO_8859_1), reason);
  }

  /** Puts a text over one of equal length that a sound file has once. */
  private static byte[] spoilt(byte[] sound, String is, String becomes) {
    String text = new String(sound, StandardCharsets.ISO_8859_1);
    assertEquals(is.length(), becomes.length());
    assertEquals(text.indexOf(is), text.lastIndexOf(is), is);
    assertTrue(text.contains(is), is);
    return text.replace(is, becomes).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A shard with another integer somewhere, and checksums that fit. */
  private static byte[] shard(int at, int value) throws IOException {
    byte[] shard = ShardFuzz.sample();
    ByteBuffer.wrap(shard).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return ShardFuzz.seal(shard);
  }

  /** Where the index has the length of its first name, behind the number of names. */
  private static int firstName() throws IOException {
    ByteBuffer shard = ByteBuffer.wrap(ShardFuzz.sample()).order(ByteOrder.LITTLE_ENDIAN);
    return (int) shard.getLong(48) + Integer.BYTES;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "r.hea; r 1 100 2|../a.dat 16 1 16 0 0 0 0 I; outside",
        "r.hea; r 1 100 2|x/../../a.dat 16 1 16 0 0 0 0 I; outside",
        "r.hea; r 1 100 2|/etc/passwd 16 1 16 0 0 0 0 I; outside",
        "r.hea; r/1 1 100 2|../a 2; outside",
        "t.table; record|../a; outside",
        "t.table; record|/etc/passwd; outside",
        "t.table; record|x\\..\\..\\a; outside"
      })
  void pathTraversal(String name, String content, String reason) throws IOException {
    refused(name, content, reason);
    refused(name, content.replace("../", "\0../"), "");
  }

  @ParameterizedTest
  @CsvSource({"AnnotatedECG", "RestingECG"})
  void entityExpansion(String root) throws IOException {
    String bomb = "<!ENTITY l0 'lol'>";
    for (int i = 1; i < 10; i++) {
      bomb += "<!ENTITY l" + i + " '" + ("&l" + (i - 1) + ";").repeat(10) + "'>";
    }
    String file = folder.resolve("a.hea").toUri().toString();
    for (String declared : new String[] {bomb, "<!ENTITY l9 SYSTEM '" + file + "'>"}) {
      refused(
          "x.xml",
          "<!DOCTYPE %1$s [%2$s]><%1$s><b>&l9;</b></%1$s>".formatted(root, declared),
          "entity \"l9\"");
    }
    refused(
        "x.xml", "<!DOCTYPE a SYSTEM '" + file + "'><" + root + ">&l9;</" + root + ">", "entity");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "r.hea; r 1 100 2000000000|a.dat 16 1 16 0 0 0 0 I; cannot hold",
        "r.hea; r 1 100 9007199254740992|a.dat 16 1 16 0 0 0 0 I; too many",
        "r.hea; r 2147483647 100 2|a.dat 16 1 16 0 0 0 0 I; announces 2147483647 signals",
        "r.hea; r/2147483647 1 100 2|a 2; announces 2147483647 segments",
        "r.hea; r/2 1 100|~ 9007199254740992|~ 9007199254740992; none of its segments",
        "r.hea; r 1 100|a.dat 16x2147483647 1 16 0 0 0 0 I; no complete frame",
        "r.csv; t,I (mV)|0,1|1,2|2,2|99999999,3; cannot hold",
        "m.safetensors; \u00ff\u00ff\u00ff\u0004\0\0\0\0{}; cut short"
      })
  void hugeCounts(String name, String content, String reason) throws IOException {
    refused(name, content, reason);
  }

  @Test
  void hugeCountsInBinaryHeaders() throws IOException {
    byte[] edf = EdfFormatTest.sample();
    refused("x.edf", spoilt(edf, "3       0.02    ", "999999990.02    "), "cut short");
    refused("x.edf", spoilt(edf, "0.02    2   ", "0.02    9999"), "announces 768 bytes");
    // Number of records, and length of the index's first name, each with checksums that fit.
    refused("x.shard", shard(24, Integer.MAX_VALUE), "2147483647 records");
    refused("x.shard", shard(firstName(), Integer.MAX_VALUE), "2147483647 elements");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "r.hea; r 1 100 -5|a.dat 16 1 16 0 0 0 0 I; negative",
        "r.hea; r -1 100 2|a.dat 16 1 16 0 0 0 0 I; no signals",
        "r.hea; r 1 -100 2|a.dat 16 1 16 0 0 0 0 I; sampling rate",
        "r.hea; r/1 1 100|a -2; negative",
        "r.hea; r 1 100 2|a.dat 16x-2 1 16 0 0 0 0 I; not understood",
        "r.hea; r 1 100 2|a.dat 16+-2 1 16 0 0 0 0 I; not understood",
        "m.safetensors; \u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff{}; header of -1 bytes"
      })
  void negativeSizes(String name, String content, String reason) throws IOException {
    refused(name, content, reason);
  }

  @Test
  void negativeSizesInBinaryHeaders() throws IOException {
    byte[] edf = EdfFormatTest.sample();
    refused("x.edf", spoilt(edf, "3       0.02    ", "-3      0.02    "), "whole number from -1");
    refused("x.edf", spoilt(edf, "0.02    2   ", "0.02    -2  "), "whole number from 1");
    refused("x.shard", shard(24, -1), "-1 records");
    refused("x.shard", shard(60, -1), "has a section");
    refused("x.shard", shard(firstName(), -1), "-1 elements");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "r.hea; r 1 100 4294967298|a.dat 16 1 16 0 0 0 0 I; too many",
        "r.hea; r 1 100 2|a.dat 16x4294967297 1 16 0 0 0 0 I; not a whole number",
        "r.hea; r 2 100 1|a.dat 16x2147483647 1|a.dat 16x2147483647 1 16 0 0 0 0 I; frame",
        "r.hea; r 1 100 9007199254740992|a.dat 16x2147483647 1 16 0 0 0 0 I; more than any file",
        "r.hea; r 1 100 2|a.dat 16 1(2147483648) 16 0 0 0 0 I; not a whole number",
        "m.safetensors; \u004a\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":"
            + "[4294967296,4294967296],\"data_offsets\":[0,0]}}; takes 0 bytes"
      })
  void integerOverflow(String name, String content, String reason) throws IOException {
    refused(name, content, reason);
  }

  @Test
  void integerOverflowInBinaryHeaders() throws IOException {
    byte[] shard = ShardFuzz.sample();
    ByteBuffer header = ByteBuffer.wrap(shard).order(ByteOrder.LITTLE_ENDIAN);
    // An index whose end, offset plus bytes, is 0 again.
    header.putLong(48, Long.MAX_VALUE).putLong(56, Long.MAX_VALUE);
    refused("x.shard", ShardFuzz.seal(shard), "has a section");
    // A first record whose last sample lies at 0 again: identifier "a" and three numbers precede.
    byte[] other = ShardFuzz.sample();
    int record = new String(other, StandardCharsets.ISO_8859_1).indexOf("\1\0\0\0a\0\0\0\0");
    ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).putLong(record + 17, (1L << 62) - 16);
    refused("x.shard", ShardFuzz.seal(other), "outside the samples");
  }

  /** Texts on which a search that begins anew at every character would take minutes. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void quadraticTime() throws IOException {
    Path file = folder.resolve("x.csv");
    String title = "a" + " ".repeat(300_000) + "b";
    Files.writeString(file, "t,I (mV)," + title + "\n0,1,2\n1,2,3\n");
    assertEquals(2, Recordings.read(file).length());
    Files.writeString(file, "t,I (mV)\n0,1\n1," + "1".repeat(300_000) + "x\n");
    assertThrows(DataException.class, () -> Recordings.read(file));
    DicomItem source = new DicomItem(file);
    source.put(DicomTag.CODE_MEANING, ByteBuffer.wrap(ReaderFuzz.text("(".repeat(300_000))));
    DicomItem channel = new DicomItem(file);
    channel.put(DicomTag.CHANNEL_SOURCE_SEQUENCE, List.of(source));
    DicomItem group = new DicomItem(file);
    group.put(DicomTag.CHANNEL_DEFINITION_SEQUENCE, List.of(channel));
    assertFalse(new DicomWaveform(file, group).hasLeads());
    String codes = "'A':1,".repeat(300_000);
    assertEquals(1, ScpCodes.parse("{" + codes + "}").get("A"));
  }
}
