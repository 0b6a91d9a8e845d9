// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WfdbTest {
  @TempDir Path folder;

  /** Three signals of four samples: I = 1..4, II = -1..-4, V2 = 100..400. */
  private static final short[] FRAMES = {1, -1, 100, 2, -2, 200, 3, -3, 300, 4, -4, 400};

  @BeforeEach
  void writeRecord() throws IOException {
    Files.write(folder.resolve("r.dat"), bytes(FRAMES));
    header(
        "r 3 250 4",
        "r.dat 16 1000/mV 16 0 1 10 0 I",
        "r.dat 16 1000/mV 16 0 -1 -10 0 II",
        "r.dat 16 1000/mV 16 0 100 1000 0 V2");
  }

  private void header(String... lines) throws IOException {
    Files.writeString(folder.resolve("r.hea"), String.join("\n", lines) + "\n");
  }

  private static byte[] bytes(short... values) {
    ByteBuffer buffer = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (short value : values) {
      buffer.putShort(value);
    }
    return buffer.array();
  }

  private DataException failure() {
    return assertThrows(DataException.class, () -> Wfdb.read(folder.resolve("r")));
  }

  private void assertFailure(int line, String... parts) {
    DataException e = failure();
    assertEquals(line, e.line(), e.getMessage());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"r", "r.hea", "r.dat"})
  void readsByAnyOfTheRecordsPaths(String path) throws IOException {
    Recording r = Wfdb.read(folder.resolve(path));
    assertEquals("r", r.name());
    assertEquals(250, r.rate());
    assertEquals(List.of(Lead.I, Lead.II, Lead.V2), r.leads());
    assertArrayEquals(new float[] {.001f, .002f, .003f, .004f}, r.signal(Lead.I));
    assertArrayEquals(new float[] {.1f, .2f, .3f, .4f}, r.signal(Lead.V2));
  }

  @Test
  void headerFieldsAreRead() throws IOException {
    header(
        "# before",
        "r 2 360/72.5(12) 4 12:00:00.5 01/02/2003",
        "",
        "r.dat 16x1:0+24 -489.5(-5)/uV 12 7 1 -10 0 lead  a-VR",
        "other.dat 212",
        "#Age: 63",
        "#  Dx: 1,2");
    WfdbHeader h = Wfdb.header(folder.resolve("r"));
    assertEquals(360, h.rate());
    assertEquals(4, h.length());
    WfdbSignal s = h.signals().getFirst();
    assertEquals(16, s.format());
    assertEquals(24, s.byteOffset());
    assertEquals(-489.5, s.gain());
    assertEquals(-489500, s.gainPerMillivolt(), 1e-6);
    assertEquals(-5, s.baseline());
    assertEquals(12, s.adcResolution());
    assertEquals(7, s.adcZero());
    assertEquals(1, s.initialValue().getAsInt());
    assertEquals(65526, s.checksum().getAsInt());
    assertEquals(Lead.AVR, s.lead().orElseThrow());
    assertEquals(4, s.line());
    assertEquals(200, h.signals().get(1).gain());
    assertEquals("mV", h.signals().get(1).unit());
    assertEquals(List.of("before", "Age: 63", "Dx: 1,2"), h.comments());
    assertEquals("63", h.comment("age").orElseThrow());
    assertTrue(h.comment("sex").isEmpty());
    assertTrue(h.signal(Lead.V2).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "1000/mV,0.1", "1000(50)/mv,0.05", "0.5/uV,0.2", "0.5/\u00b5V,0.2", "0.5/\u03bcV,0.2",
    "1e5/V,1", "1000(50),0.05", "0,0.5", "0.001/nV,0.1", "1e3/mV,0.1"
  })
  void gainBaselineAndUnitGiveMillivolts(String gain, float expected) throws IOException {
    header("r 3 250 4", "r.dat 16", "r.dat 16", "r.dat 16 " + gain + " 16 0 100 1000 0 v2");
    assertEquals(expected, Wfdb.read(folder.resolve("r")).signal(Lead.V2)[0], 1e-7f);
  }

  @Test
  void baselineDefaultsToAdcZero() throws IOException {
    header("r 3 250 4", "r.dat 16", "r.dat 16", "r.dat 16 1000 12 40 100 1000 0 V2");
    assertEquals(0.06f, Wfdb.read(folder.resolve("r")).signal(Lead.V2)[0], 1e-7f);
  }

  @Test
  void signalsThatAreNoLeadAreSkipped() throws IOException {
    header(
        "r 3 250 4",
        "r.dat 16 1000/mV 16 0 1 10 0 I",
        "r.dat 16 10/mmHg 16 0 -1 -10 0 ABP",
        "r.dat 16 1000/mV 16 0 100 1000 0 V2");
    assertEquals(List.of(Lead.I, Lead.V2), Wfdb.read(folder.resolve("r")).leads());
  }

  @Test
  void lengthComesFromTheFileWhenTheHeaderHasNone() throws IOException {
    header("r 3", "r.dat 16 1000 16 0 1 10 0 I", "r.dat 16", "r.dat 16");
    Recording r = Wfdb.read(folder.resolve("r"));
    assertEquals(4, r.length());
    assertEquals(250, r.rate());
  }

  @Test
  void lowestValueIsMissing() throws IOException {
    Files.write(folder.resolve("r.dat"), bytes((short) 5, Short.MIN_VALUE, (short) 7));
    header("r 1 100 3", "r.dat 16 1000 16 0 5 " + (short) (5 + Short.MIN_VALUE + 7) + " 0 V1");
    float[] v1 = Wfdb.read(folder.resolve("r")).signal(Lead.V1);
    assertArrayEquals(new float[] {.005f, Float.NaN, .007f}, v1);
  }

  @Test
  void skewedSignalsAreAligned() throws IOException {
    header(
        "r 3 250 4",
        "r.dat 16:1 1000/mV 16 0 1 10 0 I",
        "r.dat 16:1 1000/mV 16 0 -1 -10 0 II",
        "r.dat 16:1 1000/mV 16 0 100 1000 0 V2");
    assertArrayEquals(
        new float[] {.002f, .003f, .004f, Float.NaN},
        Wfdb.read(folder.resolve("r")).signal(Lead.I));
    assertArrayEquals(
        new float[] {.003f, .004f}, Wfdb.read(folder.resolve("r"), 1, 3).signal(Lead.I));
  }

  @Test
  void framesOfSeveralSamplesRaiseTheRate() throws IOException {
    header("r 2 250 4", "r.dat 16x2 1000 16 0 1 0 0 I", "r.dat 16 1000 16 0 100 1000 0 resp");
    Recording r = Wfdb.read(folder.resolve("r"));
    assertEquals(500, r.rate());
    assertArrayEquals(
        new float[] {.001f, -.001f, .002f, -.002f, .003f, -.003f, .004f, -.004f}, r.signal(Lead.I));
  }

  @Test
  void format212HoldsTwoSamplesInThreeBytes() throws IOException {
    // 0x123, -1, -2047, 0x7FF, missing: nibbles of the middle byte are the tops of both samples.
    byte[] data = {0x23, (byte) 0xF1, (byte) 0xFF, 0x01, 0x78, (byte) 0xFF, 0x00, 0x08};
    Files.write(folder.resolve("r.dat"), data);
    int checksum = 0x123 - 1 - 2047 + 0x7FF - 2048;
    header("r 1 360 5", "r.dat 212 100 12 0 291 " + (short) checksum + " 0 V5");
    assertArrayEquals(
        new float[] {2.91f, -.01f, -20.47f, 20.47f, Float.NaN},
        Wfdb.read(folder.resolve("r")).signal(Lead.V5));
    for (int from = 0; from < 5; from++) {
      assertArrayEquals(
          Arrays.copyOfRange(new float[] {2.91f, -.01f, -20.47f, 20.47f, Float.NaN}, from, 5),
          Wfdb.read(folder.resolve("r"), from, 5).signal(Lead.V5));
    }
    header("r 1 360", "r.dat 212 100 12 0 291 0 0 V5");
    assertEquals(5, Wfdb.length(Wfdb.header(folder.resolve("r"))));
  }

  @Test
  void challengeMatIsFormat16BehindAMatlabHeader() throws IOException {
    matlab(30, 3, 4);
    header(
        "r.mat 3 500 4 05-May-2020 14:50:55",
        "r.mat 16+24 1000/mV 16 0 1 10 0 I",
        "r.mat 16+24 1000/mV 16 0 -1 -10 0 II",
        "r.mat 16+24 1000/mV 16 0 100 1000 0 V2",
        "#Age: 81");
    Recording r = Wfdb.read(folder.resolve("r.mat"));
    assertEquals("r", r.name());
    assertArrayEquals(new float[] {-.001f, -.002f, -.003f, -.004f}, r.signal(Lead.II));
    matlab(30, 4, 3);
    assertTrue(failure().getMessage().contains("4 x 3"));
    matlab(0, 3, 4);
    assertTrue(failure().getMessage().contains("type 0"));
    byte[] level5 = Files.readAllBytes(folder.resolve("r.mat"));
    System.arraycopy("MATLAB 5.0".getBytes(StandardCharsets.US_ASCII), 0, level5, 0, 10);
    Files.write(folder.resolve("r.mat"), level5);
    assertTrue(failure().getMessage().contains("-v4"));
    Files.write(folder.resolve("r.mat"), new byte[20]);
    assertTrue(failure().getMessage().contains("cut short"));
  }

  private void matlab(int type, int rows, int columns) throws IOException {
    ByteBuffer mat = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    mat.putInt(type).putInt(rows).putInt(columns).putInt(0).putInt(4);
    mat.put("val\0".getBytes(StandardCharsets.US_ASCII)).put(bytes(FRAMES));
    Files.write(folder.resolve("r.mat"), mat.array());
  }

  @Test
  void rangesOfLongRecordsEqualTheWhole() throws IOException {
    Random random = new Random(5);
    float[][] rows = new float[3][100_000];
    for (float[] row : rows) {
      for (int t = 0; t < row.length; t++) {
        row[t] = (random.nextInt(65535) - 32767) / 1000f;
      }
    }
    Recording written =
        new Recording("long", 1000, List.of(Lead.VX, Lead.V6, Lead.AVL), rows, List.of("a: b"));
    Wfdb.write(written, folder);
    Recording whole = Wfdb.read(folder.resolve("long"));
    assertEquals(written.leads(), whole.leads());
    assertEquals(List.of("a: b"), whole.comments());
    assertArrayEquals(rows, whole.millivolts());
    Recording part = Wfdb.read(folder.resolve("long"), 21_840, 87_391);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(Arrays.copyOfRange(rows[i], 21_840, 87_391), part.millivolts()[i]);
    }
    assertThrows(
        IllegalArgumentException.class, () -> Wfdb.read(folder.resolve("long"), 5, 100_001));
  }

  @Test
  void everySixteenBitValueSurvivesReadWriteRead() throws IOException {
    short[] all = new short[65536];
    for (int i = 0; i < all.length; i++) {
      all[i] = (short) i;
    }
    for (String gain : List.of("2000(-70)/mV", "4880/mV", "0.4321(32000)/uV", "-200(5)/mV")) {
      Files.write(folder.resolve("r.dat"), bytes(all));
      header("r 1 999.5 65536", "r.dat 16 " + gain + " 16 0 0 -32768 0 V4", "# one", "#two");
      WfdbHeader h = Wfdb.header(folder.resolve("r"));
      Recording first = Wfdb.read(folder.resolve("r"));
      Map<Lead, Wfdb.Scaling> scalings = new EnumMap<>(Lead.class);
      scalings.put(Lead.V4, Wfdb.Scaling.of(h.signals().getFirst()));
      Path copy = folder.resolve("copy");
      Wfdb.write(first, copy, scalings);
      assertArrayEquals(bytes(all), Files.readAllBytes(copy.resolve("r.dat")), gain);
      Recording second = Wfdb.read(copy.resolve("r"));
      assertArrayEquals(first.millivolts(), second.millivolts());
      assertEquals(999.5, second.rate());
      assertEquals(List.of("one", "two"), second.comments());
    }
  }

  @Test
  void valuesBeyondSixteenBitsAreRefusedAndNothingIsWritten() throws IOException {
    Recording r =
        new Recording("big", 100, List.of(Lead.I), new float[][] {{0, 32.768f}}, List.of());
    DataException e = assertThrows(DataException.class, () -> Wfdb.write(r, folder));
    assertTrue(e.getMessage().contains("lead I reaches 32.768 mV"), e.getMessage());
    assertTrue(Files.notExists(folder.resolve("big.dat")));
    Recording named = new Recording("../x", 100, List.of(Lead.I), new float[1][1], List.of());
    assertThrows(DataException.class, () -> Wfdb.write(named, folder));
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    DataException e = assertThrows(DataException.class, () -> Wfdb.read(folder.resolve("absent")));
    assertTrue(e.getMessage().contains("absent.hea"));
    Files.delete(folder.resolve("r.dat"));
    assertFailure(2, "r.dat", "missing");
  }

  @Test
  void truncatedSignalFileIsRefused() throws IOException {
    Files.write(folder.resolve("r.dat"), Arrays.copyOf(bytes(FRAMES), 23));
    assertFailure(0, "r.dat", "cut short: 23 bytes", "24");
    Files.write(folder.resolve("r.dat"), new byte[0]);
    assertFailure(0, "cut short: 0 bytes");
  }

  @Test
  void wrongChecksumIsRefused() throws IOException {
    byte[] data = bytes(FRAMES);
    data[20] ^= 1;
    Files.write(folder.resolve("r.dat"), data);
    assertFailure(3, "checksum of II", "header says -10");
    assertEquals(3, Wfdb.read(folder.resolve("r"), 0, 3).length());
  }

  @Test
  void wrongFirstSampleIsRefused() throws IOException {
    byte[] data = bytes(FRAMES);
    data[0] = 9;
    Files.write(folder.resolve("r.dat"), data);
    assertFailure(2, "first sample of I is 9", "header says 1");
    assertEquals(2, Wfdb.read(folder.resolve("r"), 1, 3).length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../r.dat", "/etc/passwd", "sub/../../r.dat", ".", "-"})
  void filesOutsideTheFolderAreRefused(String name) throws IOException {
    header("r 1 250 12", name + " 16 1000 16 0 1 0 0 I");
    if (name.equals("-")) {
      assertFailure(2, "missing");
    } else {
      assertFailure(2, "outside the header's folder");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r.dat 16 1000/mmHg 16 0 1 0 0 I | has the unit \"mmHg\"",
        "r.dat 16 1000/mV 16 0 1 0 0 pleth | none of its signals is an ECG lead",
        "r.dat 17 1000/mV 16 0 1 0 0 I | storage format 17 is not known",
        "r.dat abc 1000/mV 16 0 1 0 0 I | storage format \"abc\"",
        "r.dat 16x0 1000/mV 16 0 1 0 0 I | 0 samples of a signal",
        "r.dat 16x-1 1000/mV 16 0 1 0 0 I | storage format \"16x-1\"",
        "r.dat 16x99999999999 1000/mV 16 0 1 0 0 I | storage format \"99999999999\"",
        "r.dat 16+-5 1000/mV 16 0 1 0 0 I | storage format \"16+-5\"",
        "r.dat 16 1e999/mV 16 0 1 0 0 I | gain \"1e999\" is beyond",
        "r.dat 16 /mV 16 0 1 0 0 I | gain",
        "r.dat 16 1000 16 x 1 0 0 I | ADC zero \"x\"",
        "r.dat 16 1000 16 0 1 1e3 0 I | checksum \"1e3\"",
        "r.dat 16 1000 16 0 1 9 y I | block size",
        "r.dat | at least a file name and a format"
      })
  void signalLinesThatMakeNoSenseAreRefused(String line, String problem) throws IOException {
    header("r 1 250 12", line);
    assertTrue(failure().getMessage().contains(problem), failure().getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r | at least a name",
        "r/x 1 250 4 | number of segments",
        "r/0 1 250 4 | no segments",
        "r 1 1e999 4 | beyond all bounds",
        "r 1 250 1e300 | not one that a file can hold",
        "r 1 250 2.5 | not one that a file can hold",
        "r 2147483648 250 4 | number of signals \"2147483648\"",
        "r 0 250 4 | no signals",
        "r x 250 4 | number of signals \"x\"",
        "r 1 zero 4 | sampling rate \"zero\"",
        "r 1 0 4 | must be positive",
        "r 1 250 -4 | negative",
        "r 2 250 4 | announces 2 signals, 1 are described"
      })
  void recordLinesThatMakeNoSenseAreRefused(String line, String problem) throws IOException {
    header(line, "r.dat 16 1000 16 0 1 0 0 I");
    assertTrue(failure().getMessage().contains(problem), failure().getMessage());
    header("# nothing");
    assertTrue(failure().getMessage().contains("no record line"));
  }

  @Test
  void aLeadThatOccursTwiceIsRefused() throws IOException {
    header("r 2 250 6", "r.dat 16 1000 16 0 1 0 0 V1", "r.dat 16 1000 16 0 -1 0 0 v1");
    assertFailure(3, "V1 occurs twice");
  }
}
