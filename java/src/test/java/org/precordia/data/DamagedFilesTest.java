// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sound files of every format, damaged at random: a reader gives a recording or a {@link
 * DataException}, and nothing else.
 */
class DamagedFilesTest {
  private static final int ROUNDS = Integer.getInteger("precordia.damages", 200);
  private static final List<String> NUMBERS =
      List.of("-1", "0", "2147483647", "99999999", "1e999", "9007199254740992", "NaN", "", "../a");

  @TempDir Path folder;

  private byte[] damage(byte[] sound, Random random) {
    byte[] bytes = sound.clone();
    for (int n = 1 + random.nextInt(4); n > 0 && bytes.length > 0; n--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = splice(bytes, at, random.nextInt(9), new byte[0]);
        case 3 ->
            bytes =
                splice(
                    bytes,
                    at,
                    random.nextInt(9),
                    NUMBERS.get(random.nextInt(NUMBERS.size())).getBytes(StandardCharsets.UTF_8));
        case 4 -> {
          int value = random.nextBoolean() ? -1 : Integer.MAX_VALUE >> random.nextInt(31);
          bytes = splice(bytes, at, 4, ByteBuffer.allocate(4).putInt(value).array());
        }
        default -> bytes = splice(bytes, at, random.nextInt(bytes.length), new byte[0]);
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int at, int remove, byte[] insert) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(insert);
    int rest = Math.min(bytes.length, at + remove);
    out.write(bytes, rest, bytes.length - rest);
    return out.toByteArray();
  }

  /** Reads a file that is damaged anew in each round. */
  private void readDamaged(String name, byte[] sound, String record, long seed) throws IOException {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = damage(sound, random);
      Files.write(folder.resolve(name), damaged);
      try {
        Recording recording = Recordings.read(folder.resolve(record));
        assertTrue(recording.length() > 0);
        Inspection.of(recording);
      } catch (DataException e) {
        assertTrue(!e.problem().isEmpty() && !e.remedy().isEmpty(), e.getMessage());
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            name
                + ", seed "
                + seed
                + ", round "
                + round
                + ": "
                + new String(damaged, StandardCharsets.ISO_8859_1),
            e);
      }
    }
  }

  @Test
  void filesOfOneFormat() throws IOException {
    List<byte[]> sounds = new ArrayList<>(DicomFormatTest.samples());
    sounds.add(EdfFormatTest.sample());
    sounds.add(MuseFormatTest.sample());
    sounds.add(AecgFormatTest.sample());
    for (String table :
        List.of(
            "# a\ntime (s),I (mV),V1 (uV)\n0,0.5,1\n0.01,-1,\n0.03,NaN,1e2\n",
            "t;I (mV);II [uV]\n0,002;0,5;-3\n0,004;0,25;4\n",
            "'Elapsed time','I'\n'hh:mm:ss.mmm','mV'\n'0:00.000',1\n'0:00.004',2\n")) {
      sounds.add(table.getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < sounds.size(); i++) {
      readDamaged("x", sounds.get(i), "x", i);
    }
  }

  @Test
  void headersAndSignalFilesOfRecords() throws IOException {
    int[] samples = {1, 2, 3, 4, 5, -6, 7, 8, 9, 10, 11, 12};
    for (int format : new int[] {8, 16, 24, 32, 61, 80, 160, 212, 310, 311}) {
      byte[] header =
          "a 2 250/1(2) 6 12:00:00 1/2/2003\na.dat %1$d:1 100(3)/uV 12 0 1 36 0 I\na.dat %1$d 1 0 0 2 30 0 V1\n# Age: 3\n"
              .formatted(format)
              .getBytes(StandardCharsets.UTF_8);
      byte[] data = BitWriter.encode(format, samples);
      Files.write(folder.resolve("a.dat"), data);
      readDamaged("a.hea", header, "a", format);
      Files.write(folder.resolve("a.hea"), header);
      readDamaged("a.dat", data, "a.dat", format);
    }
    Files.write(folder.resolve("b.dat"), new byte[12]);
    Files.writeString(folder.resolve("b.hea"), "b 1 250 6\nb.dat 16 100 16 0 0 0 0 I\n");
    readDamaged("m.hea", "m/3 1 250 18\nb 6\n~ 6\nb 6\n".getBytes(StandardCharsets.UTF_8), "m", 1);
  }

  @Test
  void compressedSignalFiles() throws IOException {
    byte[] header =
        "f 2 250 192\nf.dat 516 1 16 0 0 0 0 I\nf.dat 516 1 16 0 0 0 0 II\n"
            .replace(" 0 0 0 I", "")
            .getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("f.hea"), header);
    byte[] flac = FlacTest.twoBlocks(192);
    readDamaged("f.dat", flac, "f", 1);
    Files.write(folder.resolve("f.dat"), flac);
    readDamaged("f.hea", header, "f", 2);
  }
}
