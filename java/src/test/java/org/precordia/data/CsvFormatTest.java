// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of samples, as spreadsheets and other programs write them. */
class CsvFormatTest {
  private static final float GAP = Float.NaN;

  @TempDir Path folder;

  private Recording read(String... lines) throws IOException {
    return read(StandardCharsets.UTF_8, ReadOptions.NONE, lines);
  }

  private Recording read(Charset charset, ReadOptions options, String... lines) throws IOException {
    Path file = folder.resolve("t.csv");
    Files.writeString(file, String.join("\n", lines) + "\n", charset);
    return Recordings.read(file, options);
  }

  private static ReadOptions rate(double rate) {
    return new ReadOptions(rate, "", List.of());
  }

  @Test
  void aTableHasNameRateLeadsUnitsAndGaps() throws IOException {
    Recording r =
        read(
            "# one", "time (ms),II (uV),pleth,V1 [mV]", "0,100,7,1.5", "2,,7,NaN", "4,-50,7,-2e-1");
    assertEquals("t", r.name());
    assertEquals(500, r.rate());
    assertEquals(List.of(Lead.II, Lead.V1), r.leads());
    assertArrayEquals(new float[] {.1f, GAP, -.05f}, r.signal(Lead.II));
    assertArrayEquals(new float[] {1.5f, GAP, -.2f}, r.signal(Lead.V1));
    assertEquals(List.of("one"), r.comments());
    assertEquals("CSV", r.origin().format());
    String notes = String.join("; ", r.origin().notes());
    assertTrue(notes.contains("delimiter comma, decimal point"), notes);
    assertTrue(notes.contains("passed over: pleth"), notes);
    assertTrue(notes.contains("500.0 Hz from the column of times"), notes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "t;I (mV);V2 (mV)!0;0,5;-1!0,01;1,25;2!delimiter semicolon, decimal comma",
        "t;I (mV);V2 (mV)!0;0.5;-1!0.01;1.25;2!delimiter semicolon, decimal point",
        "t|I (mV)|V2 (mV)!0|0,5|-1!0,01|1,25|2!delimiter bar, decimal comma",
        "t,I (mV),V2 (mV)!0,0.5,-1!0.01,1.25,2!delimiter comma, decimal point",
        "'t','I (mV)','V2 (mV)'!0,0.5,-1!0.01,1.25,2!delimiter comma, decimal point",
        "\"t\",\"I (mV)\",\"V2 (mV)\"!0,\"0.5\",-1!0.01,1.25,2!delimiter comma, decimal point"
      },
      quoteCharacter = '~')
  void delimiterAndDecimalCommaAreFoundAndStated(
      String header, String first, String second, String found) throws IOException {
    for (String tab : List.of("", "\t")) {
      boolean tabs = !tab.isEmpty() && header.contains("|");
      Recording r =
          tabs
              ? read(header.replace('|', '\t'), first.replace('|', '\t'), second.replace('|', '\t'))
              : read(header, first, second);
      assertArrayEquals(new float[] {.5f, 1.25f}, r.signal(Lead.I));
      assertArrayEquals(new float[] {-1, 2}, r.signal(Lead.V2));
      assertEquals(100, r.rate());
      String note = r.origin().notes().getFirst();
      assertTrue(note.startsWith(tabs ? "delimiter tab, decimal comma" : found), note);
      assertEquals(tabs ? "TSV" : "CSV", r.origin().format());
    }
  }

  @Test
  void aSingleColumnMayHaveADecimalComma() throws IOException {
    Recording r = read(StandardCharsets.UTF_8, rate(250), "II (mV)", "0,5", "-0,25", "1");
    assertArrayEquals(new float[] {.5f, -.25f, 1}, r.signal(Lead.II));
    assertEquals(250, r.rate());
  }

  @Test
  void unitsMayStandInARowOfTheirOwnAndClocksInTheTime() throws IOException {
    Recording r =
        read(
            "'Elapsed time','I','V6'",
            "'hh:mm:ss.mmm','mV','uV'",
            "'59:59.996',1,5",
            "'1:00:00.000',2,6",
            "'1:00:00.004',-,7");
    assertArrayEquals(new float[] {1, 2, GAP}, r.signal(Lead.I));
    assertArrayEquals(new float[] {.005f, .006f, .007f}, r.signal(Lead.V6));
    assertEquals(250, r.rate());
  }

  @Test
  void microSignsAreReadInBothEncodings() throws IOException {
    for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1)) {
      Recording r = read(charset, rate(100), "I (\u00b5V)\tII (\u00b5V)", "1000\t2000");
      assertEquals(1, r.signal(Lead.I)[0]);
      assertTrue(r.origin().notes().getFirst().endsWith(charset.name()));
    }
    Recording r = read(StandardCharsets.UTF_8, rate(100), "\ufeffI (mV);II (mV)", "1;2");
    assertEquals(List.of(Lead.I, Lead.II), r.leads());
  }

  @Test
  void whatTheFileDoesNotSayIsTold() throws IOException {
    ReadOptions told = new ReadOptions(400, "uV", List.of("V1", "x", "V2"));
    Recording r = read(StandardCharsets.UTF_8, told, "1,0,2", "3,0,4");
    assertEquals(List.of(Lead.V1, Lead.V2), r.leads());
    assertArrayEquals(new float[] {.002f, .004f}, r.signal(Lead.V2));
    assertEquals(400, r.rate());
  }

  @Test
  void jumpsInTheTimeAreGaps() throws IOException {
    Recording r = read("time,I (mV)", "10.000,1", "10.004,2", "10.016,3", "10.020,4", "10.024,5");
    assertEquals(250, r.rate());
    assertArrayEquals(new float[] {1, 2, GAP, GAP, 3, 4, 5}, r.signal(Lead.I));
    assertTrue(r.origin().notes().getLast().endsWith("1 gaps"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {100, 128, 250, 257, 360, 500, 977, 1000, 62.5})
  void ratesAreFoundFromRoundedTimes(double rate) throws IOException {
    String[] lines = new String[2001];
    lines[0] = "t;V5 (mV)";
    for (int i = 1; i < lines.length; i++) {
      lines[i] = String.format(Locale.ROOT, "%.3f;%d", (i + 77) / rate, i);
    }
    Recording r = read(lines);
    assertEquals(rate, r.rate());
    assertEquals(2000, r.length());
  }

  @ParameterizedTest
  @CsvSource({"',', false, 500", "';', true, 257.3", "'\t', true, 0.1", "'\t', false, 1000"})
  void whatIsWrittenIsReadAgain(char delimiter, boolean comma, double rate) throws IOException {
    Random random = new Random(3);
    float[][] rows = new float[3][4000];
    for (float[] row : rows) {
      for (int t = 0; t < row.length; t++) {
        row[t] =
            random.nextInt(9) == 0
                ? GAP
                : (float) (random.nextGaussian() * Math.pow(10, t % 9 - 6));
      }
    }
    Recording written =
        new Recording("w", rate, List.of(Lead.AVL, Lead.I, Lead.V3), rows, List.of("a: b", "c"));
    Path file = folder.resolve("w.txt");
    Recordings.writeTable(written, file, delimiter, comma);
    Recording r = Recordings.read(file);
    assertArrayEquals(rows, r.millivolts());
    assertEquals(written.leads(), r.leads());
    assertEquals(rate, r.rate());
    assertEquals(written.comments(), r.comments());
    assertThrows(
        IllegalArgumentException.class, () -> Recordings.writeTable(written, file, ',', true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "t,I!0,1!0.1,1!1!column \"I\" has no unit",
        "t,I (mmHg)!0,1!0.1,1!1!has the unit \"mmHg\"",
        "t,x!0,1!0.1,1!1!no column is an ECG lead",
        "I (mV),I (uV)!0,1!0.1,1!1!lead I occurs twice",
        "t (h),I (mV)!0,1!1,1!1!the time has the unit \"h\"",
        "t,I (mV)!0,1!0.1!3!has 1 fields, the header row 2",
        "t,I (mV)!0,1!0.1,1,2!3!has 3 fields",
        "t,I (mV)!0,1!0.1,x1!3!\"x1\" is not a sample",
        "t,I (mV)!0,1!0.1,1e999!3!\"1e999\" is not a sample",
        "t,I (mV)!0,1!0.1,Infinity!3!\"Infinity\" is not a sample",
        "t,I (mV)!0,1!,1!3!\"\" is not a time",
        "t,I (mV)!0,1!0,1!3!the time does not increase",
        "t,I (mV)!0,1!-1,1!3!the time does not increase",
        "t,I (mV)!0,1!1e999,1!3!the time",
        "II (mV),I (mV)!0,1!0.1,1!0!says nothing of its sampling rate",
        "t,I (mV)!# a!# b!0!has no row of samples"
      })
  void rowsThatMakeNoSenseAreNamed(
      String header, String first, String second, int line, String problem) {
    DataException e = assertThrows(DataException.class, () -> read(header, first, second));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
    assertEquals(line, e.line(), e.getMessage());
  }

  @Test
  void unevenTimesAreRefusedAndHugeJumpsTakeNoMemory() {
    DataException e =
        assertThrows(
            DataException.class,
            () -> read("t,I (mV)", "0,1", "0.01,1", "0.02,1", "0.035,1", "0.045,1"));
    assertTrue(e.getMessage().contains("steps by"), e.getMessage());
    assertEquals(5, e.line());
    for (String jump : List.of("200000000", "1e9", "1e20", "1e300")) {
      e =
          assertThrows(
              DataException.class, () -> read("t,I (mV)", "0,1", "0.1,1", "0.2,1", jump + ",1"));
      assertTrue(e.getMessage().matches(".*(cannot hold|too many|more than can).*"), jump);
    }
  }

  @Test
  void aTableBesideARecordOfItsNameIsATable() throws IOException {
    Wfdb.write(new Recording("t", 100, List.of(Lead.V4), new float[1][5], List.of()), folder);
    assertEquals(List.of(Lead.I), read("t,I (mV)", "0,1", "1,1").leads());
    assertEquals(List.of(Lead.V4), Recordings.read(folder.resolve("t.dat")).leads());
    assertEquals(List.of(Lead.V4), Recordings.read(folder.resolve("t")).leads());
  }

  @Test
  void whatIsNoKnownFormatIsRefusedWithThoseThatAre() throws IOException {
    Path file = folder.resolve("x.bin");
    Files.write(file, new byte[] {1, 2, 0, 3});
    DataException e = assertThrows(DataException.class, () -> Recordings.read(file));
    assertTrue(e.getMessage().contains("no known format; give one of WFDB, "), e.getMessage());
    Files.write(file, new byte[0]);
    assertThrows(DataException.class, () -> Recordings.read(file));
    assertThrows(DataException.class, () -> Recordings.read(folder));
    e = assertThrows(DataException.class, () -> Recordings.read(folder.resolve("absent")));
    assertTrue(e.getMessage().contains("absent"), e.getMessage());
  }
}
