// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** EDF and EDF+ files that the test writes field by field. */
class EdfFormatTest {
  private static final float GAP = Float.NaN;

  @TempDir Path folder;

  /** A file under construction; every field can be spoilt. */
  private static final class Edf {
    private String version = "0";
    private String patient = "MCH-0234567 F 02-MAY-1951 Haagse_Harry";
    private String date = "16.09.87";
    private String time = "20.35.00";
    private String headerBytes;
    private String reserved = "EDF+C";
    private String records = "2";
    private String duration = "0.02";
    private String signals;
    private final List<String[]> lines = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    Edf signal(String label, String unit, String low, String high, String samples) {
      lines.add(
          new String[] {label, "electrode", unit, low, high, "-1000", "1000", "HP", samples, ""});
      return this;
    }

    Edf samples(int... values) {
      for (int value : values) {
        data.write(value);
        data.write(value >> 8);
      }
      return this;
    }

    Edf times(String text, int bytes) {
      data.writeBytes(Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), bytes));
      return this;
    }

    byte[] bytes() {
      StringBuilder text = new StringBuilder();
      int[] head = {8, 80, 80, 8, 8, 8, 44, 8, 8, 4};
      String count = Integer.toString(lines.size());
      String size = Integer.toString(256 * (lines.size() + 1));
      String[] fields = {
        version,
        patient,
        "Startdate X X X X",
        date,
        time,
        headerBytes == null ? size : headerBytes,
        reserved,
        records,
        duration,
        signals == null ? count : signals
      };
      for (int i = 0; i < head.length; i++) {
        text.append(pad(fields[i], head[i]));
      }
      int[] widths = {16, 80, 8, 8, 8, 8, 8, 80, 8, 32};
      for (int field = 0; field < widths.length; field++) {
        for (String[] line : lines) {
          text.append(pad(line[field], widths[field]));
        }
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(text.toString().getBytes(StandardCharsets.ISO_8859_1));
      out.writeBytes(data.toByteArray());
      return out.toByteArray();
    }

    private static String pad(String text, int width) {
      return (text + " ".repeat(width)).substring(0, width);
    }
  }

  /** Two data records of two samples: II at 1 uV and V1 at 0.01 mV a unit, a pulse between. */
  private static Edf twoRecords() {
    return new Edf()
        .signal("ECG II", "uV", "-1000", "1000", "2")
        .signal("Pulse", "bpm", "0", "100", "1")
        .signal("EKG V1", "mV", "-10", "10", "2")
        .samples(1, -2, 7, 100, 200)
        .samples(3, -1000, 7, -300, 1000);
  }

  private Recording read(Edf edf) throws IOException {
    return read(edf.bytes());
  }

  private Recording read(byte[] bytes) throws IOException {
    Path file = folder.resolve("night.edf");
    Files.write(file, bytes);
    return Recordings.read(file);
  }

  @Test
  void leadsRateStartAndPatientAreRead() throws IOException {
    Recording r = read(twoRecords());
    assertEquals("night", r.name());
    assertEquals(100, r.rate());
    assertEquals(List.of(Lead.II, Lead.V1), r.leads());
    assertArrayEquals(new float[] {.001f, -.002f, .003f, -1}, r.signal(Lead.II), 1e-7f);
    assertArrayEquals(new float[] {1, 2, -3, 10}, r.signal(Lead.V1), 1e-6f);
    assertEquals("EDF+C", r.origin().format());
    assertEquals(LocalDateTime.of(1987, 9, 16, 20, 35), r.origin().start().orElseThrow());
    assertEquals(
        new Patient("MCH-0234567", 36, Subject.Sex.FEMALE), r.origin().patient().orElseThrow());
  }

  @Test
  void plainEdfHasNoPatientAndTheLengthMayBeUnknown() throws IOException {
    Edf edf = twoRecords();
    edf.reserved = "";
    edf.records = "-1";
    edf.date = "01.02.03";
    Recording r = read(edf);
    assertEquals("EDF", r.origin().format());
    assertEquals(4, r.length());
    assertTrue(r.origin().patient().isEmpty());
    assertEquals(LocalDateTime.of(2003, 2, 1, 20, 35), r.origin().start().orElseThrow());
    edf.date = "00.00.00";
    assertTrue(read(edf).origin().start().isEmpty());
  }

  @Test
  void offsetsBetweenDigitalAndPhysicalRangeCount() throws IOException {
    Edf edf = new Edf().signal("I", "mV", "-1", "3", "2").samples(-1000, 1000).samples(0, 500);
    assertArrayEquals(new float[] {-1, 3, 1, 2}, read(edf).signal(Lead.I), 1e-6f);
  }

  /** A sound file with a gap. */
  static byte[] sample() {
    return discontinuous("+0", "+0.02", "+0.08").bytes();
  }

  private static Edf discontinuous(String... times) {
    Edf edf = new Edf().signal("I", "mV", "-1000", "1000", "2");
    edf.lines.add(
        new String[] {"EDF Annotations", "", "", "-1", "1", "-32768", "32767", "", "8", ""});
    edf.reserved = "EDF+D";
    edf.records = Integer.toString(times.length);
    for (int i = 0; i < times.length; i++) {
      edf.samples(2 * i + 1, 2 * i + 2).times(times[i] + "\u0014\u0014\0", 16);
    }
    return edf;
  }

  @Test
  void gapsOfADiscontinuousFileAreNaN() throws IOException {
    Recording r = read(discontinuous("+0.25", "+0.27", "+0.32"));
    assertArrayEquals(new float[] {1, 2, 3, 4, GAP, GAP, GAP, 5, 6}, r.signal(Lead.I), 1e-4f);
    assertEquals("EDF+D", r.origin().format());
    assertEquals(
        LocalDateTime.of(1987, 9, 16, 20, 35).plusNanos(250_000_000),
        r.origin().start().orElseThrow());
    assertTrue(r.origin().notes().contains("1 gaps between data records"));
  }

  @Test
  void timesThatRunBackwardsOrAreMissingAreRefused() {
    for (String[] times :
        List.of(
            new String[] {"+0", "+0"},
            new String[] {"+0", "-1"},
            new String[] {"+0", "x"},
            new String[] {"+0", "0.02"},
            new String[] {"+0", "+1e300"},
            new String[] {"+0", "+100000000"},
            new String[] {"", "+1"})) {
      assertThrows(DataException.class, () -> read(discontinuous(times)), times[1]);
    }
    Edf edf = twoRecords();
    edf.reserved = "EDF+D";
    DataException e = assertThrows(DataException.class, () -> read(edf));
    assertTrue(e.getMessage().contains("EDF Annotations"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 255, 256, 300, 1023, 1024, 1043})
  void filesCutShortAreRefused(int bytes) {
    DataException e =
        assertThrows(DataException.class, () -> read(Arrays.copyOf(twoRecords().bytes(), bytes)));
    assertTrue(e.getMessage().contains("cut short"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "headerBytes, 512, 3 signals take 1024",
    "headerBytes, x, number of header bytes",
    "signals, -1, number of signals",
    "signals, 0, number of signals",
    "signals, 9999, 9999 signals take",
    "records, 99999999, cut short",
    "records, -2, number of data records",
    "records, 1.5, number of data records",
    "records, 0, no data record",
    "duration, 0, duration of a data record",
    "duration, -1, duration of a data record",
    "duration, NaN, duration of a data record",
    "duration, 1e-320, duration of a data record",
    "duration, 1e999, duration of a data record"
  })
  void headerFieldsThatMakeNoSenseAreNamed(String field, String value, String problem)
      throws ReflectiveOperationException {
    Edf edf = twoRecords();
    Edf.class.getDeclaredField(field).set(edf, value);
    DataException e = assertThrows(DataException.class, () -> read(edf));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "0, ECG V1, occurs twice",
    "0, EEG, none of its signals is an ECG lead",
    "2, mmHg, has the unit \"mmHg\"",
    "3, 1000, the minimum is not below the maximum",
    "4, high, physical maximum of signal",
    "5, 1000, the minimum is not below the maximum",
    "6, 40000, digital maximum of signal",
    "8, 99999999, cut short",
    "8, 0, samples per record",
    "8, -3, samples per record",
    "8, 1, different rates"
  })
  void signalFieldsThatMakeNoSenseAreNamed(int field, String value, String problem) {
    Edf edf = twoRecords();
    edf.lines.getFirst()[field] = value;
    if (value.equals("EEG")) {
      edf.lines.get(2)[field] = value;
    }
    edf.records = value.equals("99999999") ? "1" : "-1";
    DataException e = assertThrows(DataException.class, () -> read(edf));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }
}
