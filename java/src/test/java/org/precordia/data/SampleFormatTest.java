// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every WFDB storage format: bytes worked by hand, and long records of {@link BitWriter}. */
class SampleFormatTest {
  private static final int FRAMES = 40_001;

  @TempDir Path folder;

  private void record(byte[] bytes, String... header) throws IOException {
    Files.write(folder.resolve("r.dat"), bytes);
    Files.write(folder.resolve("r.hea"), List.of(header));
  }

  @ParameterizedTest
  @CsvSource({
    "16, 0100ffff0080, 1 -1 -",
    "24, 010000ffffff563412000080, 1 -1 1193046 -",
    "32, 01000000ffffffff7856341200000080, 1 -1 305419896 -",
    "61, 0001ffff12348000, 1 -1 4660 -",
    "80, 817fff00, 1 -1 127 -",
    "160, 0180ff7f34920000, 1 -1 4660 -",
    "212, 23f1ff0178000008, 291 -1 -2047 1792 -",
    // The pairs 0x0802 and 0x17FE hold 1, -1 and 65 as 1 low and 2 high; 0x0400 is -512.
    "310, 0208fe170004, 1 -1 65 -",
    // 0x003FFC01 holds 1, -1 and 3 at bits 0, 10 and 20; 0x0200 is -512.
    "311, 01fc3f000002, 1 -1 3 -"
  })
  void bytesWorkedByHandAreRead(int format, String hex, String expected) throws IOException {
    String[] values = expected.split(" ");
    record(
        HexFormat.of().parseHex(hex), "r 1 100 " + values.length, "r.dat " + format + " 1/mV 16 0");
    int[] read = Wfdb.readDigital(folder.resolve("r")).samples()[0];
    assertEquals(values.length, read.length);
    for (int i = 0; i < values.length; i++) {
      int wanted = values[i].equals("-") ? DigitalRecord.MISSING : Integer.parseInt(values[i]);
      assertEquals(wanted, read[i], "sample " + i);
    }
  }

  @Test
  void differencesAreSummedFromTheInitialValueBySignal() throws IOException {
    record(
        HexFormat.of().parseHex("0000" + "05ff" + "ff80" + "7f7f"),
        "r 2 100 4",
        "r.dat 8 10/mV 12 0 10 " + (10 + 15 + 14 + 141) + " 0 I",
        "r.dat 8 10/mV 12 100 100 " + (100 + 99 - 29 + 98) + " 0 II");
    Recording r = Wfdb.read(folder.resolve("r"));
    assertArrayEquals(new float[] {1, 1.5f, 1.4f, 14.1f}, r.signal(Lead.I), 1e-6f);
    assertArrayEquals(new float[] {0, -.1f, -12.9f, -.2f}, r.signal(Lead.II), 1e-6f);
    assertArrayEquals(
        new float[] {1.4f, 14.1f},
        Wfdb.read(folder.resolve("r"), 2, 4).signal(Lead.I),
        1e-6f,
        "a range needs what went before it");
  }

  /** Three signals of 1, 2 and 1 samples a frame, in random order of values, some missing. */
  private int[] random(int format, Random random) {
    int bits = BitWriter.bits(format);
    int[] samples = new int[4 * FRAMES];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = random.nextInt() >> 32 - bits;
    }
    samples[17] = (int) (-1L << bits - 1);
    return samples;
  }

  private static int[] column(int[] samples, int from, int count) {
    int[] column = new int[samples.length / 4 * count];
    for (int i = 0; i < column.length; i++) {
      column[i] = samples[i / count * 4 + from + i % count];
    }
    return column;
  }

  private static short checksum(int[] samples) {
    return (short) Arrays.stream(samples).sum();
  }

  private static String line(String storage, int[] column, String description) {
    return "r.dat %s 50(3)/mV 0 0 %d %d 0 %s"
        .formatted(storage, column[0], checksum(column), description);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 24, 32, 61, 80, 160, 212, 310, 311})
  void longRecordsAreReadWholeAndByRange(int format) throws IOException {
    int[] samples = random(format, new Random(format));
    int[] first = column(samples, 0, 1);
    int[] second = column(samples, 1, 2);
    int[] third = column(samples, 3, 1);
    record(
        BitWriter.encode(format, samples),
        "r 3 100 " + FRAMES,
        line(format + "", first, "V1"),
        line(format + "x2", second, "resp"),
        line(format + "", third, "V2"));
    int[][] digital = Wfdb.readDigital(folder.resolve("r")).samples();
    int lowest = (int) (-1L << BitWriter.bits(format) - 1);
    assertArrayEquals(marked(second, lowest), digital[1]);
    assertArrayEquals(marked(third, lowest), digital[2]);
    Recording whole = Wfdb.read(folder.resolve("r"));
    for (int t = 0; t < FRAMES; t++) {
      float wanted =
          first[t] == lowest ? Float.NaN : (float) (((double) first[t] - 3) * (1 / 50.0));
      assertEquals(wanted, whole.signal(Lead.V1)[t]);
    }
    for (int from : new int[] {1, 2, 3, 16_385, 39_999}) {
      for (int to : new int[] {from, from + 1, from + 2, FRAMES}) {
        Recording range = Wfdb.read(folder.resolve("r"), from, to);
        assertArrayEquals(
            Arrays.copyOfRange(whole.signal(Lead.V2), from, to), range.signal(Lead.V2));
      }
    }
    Files.write(folder.resolve("r.hea"), List.of("r 1 100", "r.dat " + format + " 50 0 0"));
    // Two samples of format 310 take the four bytes that three would.
    assertEquals(
        4 * FRAMES + (format == 310 ? 1 : 0), Wfdb.length(Wfdb.header(folder.resolve("r"))));
  }

  private static int[] marked(int[] samples, int lowest) {
    return Arrays.stream(samples).map(v -> v == lowest ? DigitalRecord.MISSING : v).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 24, 32, 212})
  void aRecordReadAndWrittenIsEqualByteByByte(int format) throws IOException {
    int[] samples = random(format, new Random(format + 1));
    byte[] bytes = BitWriter.encode(format, samples);
    record(
        bytes,
        "r 3 360/72.5(12) " + FRAMES + " 12:30:01.250 31/12/1999",
        line(format + ":5", column(samples, 0, 1), "V1"),
        line(format + "x2", column(samples, 1, 2), "arterial pressure"),
        line(format + "", column(samples, 3, 1), "V2"),
        "# Age: 50");
    Path once = folder.resolve("once");
    Wfdb.write(Wfdb.readDigital(folder.resolve("r")), once);
    assertArrayEquals(bytes, Files.readAllBytes(once.resolve("r.dat")));
    assertEquals(
        Files.readString(folder.resolve("r.hea")), Files.readString(once.resolve("r.hea")));
  }

  @Test
  void severalFilesAndOtherFormatsAreWrittenToo() throws IOException {
    int[] ten = {1, -511, 511, -512, 7};
    int[] many = {1 << 20, -5, 0, 3, 4};
    Files.write(folder.resolve("a.dat"), BitWriter.encode(310, ten));
    Files.write(folder.resolve("b.dat"), BitWriter.encode(24, many));
    Files.write(
        folder.resolve("r.hea"),
        List.of("r 2 100 5", "a.dat 310 7/mV 10 0", "b.dat 24 9/uV 24 0 1048576 2 0 V6"));
    Path out = folder.resolve("out");
    Wfdb.write(Wfdb.readDigital(folder.resolve("r")), out);
    DigitalRecord again = Wfdb.readDigital(out.resolve("r"));
    assertArrayEquals(new int[] {1, -511, 511, DigitalRecord.MISSING, 7}, again.samples()[0]);
    assertEquals(16, again.header().signals().getFirst().format());
    assertArrayEquals(many, again.samples()[1]);
    assertEquals("uV", again.header().signals().get(1).unit());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("b.dat")), Files.readAllBytes(out.resolve("b.dat")));
  }

  @Test
  void aFileBehindAPrologueIsWrittenWithoutIt() throws IOException {
    byte[] bytes = {9, 9, 9, 1, 0, 2, 0};
    record(bytes, "r 1 100 2", "r.dat 16+3 10/mV 16 0 1 3 0 I");
    Path out = folder.resolve("out");
    Wfdb.write(Wfdb.readDigital(folder.resolve("r")), out);
    assertArrayEquals(new byte[] {1, 0, 2, 0}, Files.readAllBytes(out.resolve("r_1.dat")));
    assertArrayEquals(new int[] {1, 2}, Wfdb.readDigital(out.resolve("r")).samples()[0]);
  }

  @ParameterizedTest
  @CsvSource({"212, 2.047, 2.048", "16, 32.767, 32.768", "24, 8388.607, 8388.608"})
  void recordingsAreWrittenInEveryFormatUpToItsLimit(int format, float fits, float doesNot)
      throws IOException {
    float[][] rows = {{fits, Float.NaN, -fits}, {0, 1, Float.NaN}};
    Recording r = new Recording("w", 250, List.of(Lead.I, Lead.V3), rows, List.of());
    Wfdb.write(r, folder, Map.of(), format);
    assertArrayEquals(rows, Wfdb.read(folder.resolve("w")).millivolts());
    rows[0][0] = doesNot;
    DataException e =
        assertThrows(DataException.class, () -> Wfdb.write(r, folder, Map.of(), format));
    assertTrue(e.getMessage().contains("lead I reaches"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Wfdb.write(r, folder, Map.of(), 310));
  }

  @Test
  void countsThatTheFileCannotHoldTakeNoMemory() throws IOException {
    for (String header :
        List.of(
            "r 1 100 2000000000|r.dat 16 1 16 0",
            "r 1 100 9007199254740992|r.dat 32 1 16 0 0 0 0 I",
            "r 1 100 9007199254740992|r.dat 212x2147483647 1 16 0 0 0 0 I",
            "r 1 100 4|r.dat 16x2147483647 1 16 0 0 0 0 I",
            "r 1 100 1|r.dat 16+2147483647 1 16 0 0 0 0 I",
            "r 1 100|r.dat 16x2000000000 1 16 0 0 0 0 I",
            "r 2 100 1|r.dat 16x2147483647 1 16 0|r.dat 16x2147483647 1 16 0 0 0 0 I")) {
      record(new byte[64], header.split("\\|"));
      assertThrows(DataException.class, () -> Wfdb.read(folder.resolve("r")), header);
      assertThrows(DataException.class, () -> Wfdb.readDigital(folder.resolve("r")), header);
    }
    // A skew beyond the record leaves nothing of the signal, and costs nothing.
    record(new byte[64], "r 1 100 32", "r.dat 16:2147483647 1 16 0 0 0 0 I");
    for (float value : Wfdb.read(folder.resolve("r")).signal(Lead.I)) {
      assertTrue(Float.isNaN(value));
    }
  }
}
