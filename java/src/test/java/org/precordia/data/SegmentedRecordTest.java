// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WFDB records in segments, of both layouts. */
class SegmentedRecordTest {
  private static final float GAP = Float.NaN;

  @TempDir Path folder;

  /** Two segments of I and V1 at 10 units a mV: a of 3 samples, b of 2. */
  @BeforeEach
  void writeSegments() throws IOException {
    Files.write(folder.resolve("a.dat"), BitWriter.encode(16, new int[] {1, 10, 2, 20, 3, 30}));
    Files.write(folder.resolve("b.dat"), BitWriter.encode(212, new int[] {4, 40, 5, 50}));
    file("a.hea", "a 2 100 3", "a.dat 16 10/mV 16 0 1 6 0 I", "a.dat 16 10/mV 16 0 10 60 0 V1");
    file("b.hea", "b 2 100 2", "b.dat 212 10/mV 16 0 4 9 0 I", "b.dat 212 10/mV 16 0 40 90 0 V1");
  }

  private void file(String name, String... lines) throws IOException {
    Files.write(folder.resolve(name), List.of(lines));
  }

  private Recording read() throws IOException {
    return Wfdb.read(folder.resolve("r"));
  }

  @Test
  void fixedLayoutJoinsSegmentsAndLeavesGaps() throws IOException {
    file("r.hea", "r/4 2 100 9 12:00:00 01/02/2003", "a 3", "~ 2", "b 2", "b 2", "# Age: 7");
    Recording r = read();
    assertEquals(List.of(Lead.I, Lead.V1), r.leads());
    assertEquals("r", r.name());
    assertArrayEquals(new float[] {.1f, .2f, .3f, GAP, GAP, .4f, .5f, .4f, .5f}, r.signal(Lead.I));
    assertArrayEquals(new float[] {1, 2, 3, GAP, GAP, 4, 5, 4, 5}, r.signal(Lead.V1));
    assertEquals(List.of("Age: 7"), r.comments());
    assertEquals(7, r.origin().patient().orElseThrow().age());
    assertEquals(LocalDateTime.of(2003, 2, 1, 12, 0), r.origin().start().orElseThrow());
    Recording range = Wfdb.read(folder.resolve("r"), 2, 6);
    assertArrayEquals(new float[] {.3f, GAP, GAP, .4f}, range.signal(Lead.I));
    assertEquals(
        LocalDateTime.of(2003, 2, 1, 12, 0).plusNanos(20_000_000),
        range.origin().start().orElseThrow());
    assertEquals(9, Wfdb.length(Wfdb.header(folder.resolve("r"))));
  }

  @Test
  void variableLayoutMatchesSignalsByNameAndFillsTheOthersWithNaN() throws IOException {
    file(
        "layout.hea",
        "layout 3 100 0",
        "~ 0 10/mV 16 0 0 0 0 V1",
        "~ 0 10/mV 16 0 0 0 0 I",
        "~ 0 10/mV 16 0 0 0 0 V2");
    file("b.hea", "b 2 100 2", "b.dat 212 20/mV 16 0 4 9 0 V2", "b.dat 212 10/mV 16 0 40 90 0 I");
    file("r.hea", "r/4 3 100 7", "layout 0", "a 3", "b 2", "~ 2");
    Recording r = read();
    assertEquals(List.of(Lead.V1, Lead.I, Lead.V2), r.leads());
    assertArrayEquals(new float[] {1, 2, 3, GAP, GAP, GAP, GAP}, r.signal(Lead.V1));
    assertArrayEquals(new float[] {.1f, .2f, .3f, 4, 5, GAP, GAP}, r.signal(Lead.I));
    assertArrayEquals(new float[] {GAP, GAP, GAP, .2f, .25f, GAP, GAP}, r.signal(Lead.V2));
  }

  @Test
  void lengthIsTheSumOfTheSegmentsWhereTheRecordLineHasNone() throws IOException {
    file("r.hea", "r/2 2 100", "a 3", "b 2");
    assertEquals(5, read().length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r/2 2 100 5;a 3 | announces 2 segments, 1 are described",
        "r/1 2 100 3;a 3;b 2 | more lines",
        "r/1 2 100 4;a 3 | segments have 3 samples, the record line says 4",
        "r/1 2 100 4;a 4 | segment a has 3 samples, this line says 4",
        "r/2 2 100 3;a 3;b 0 | segment b has no samples",
        "r/1 2 100 3;a -3 | negative",
        "r/1 2 100 3;a x | number of samples \"x\"",
        "r/1 2 100 3;a | needs a name and a number",
        "r/1 2 250 3;a 3 | has 100.0 Hz, the record 250.0 Hz",
        "r/1 2 100 3;../a 3 | outside the header's folder",
        "r/1 2 100 3;/etc/a 3 | outside the header's folder",
        "r/1 2 100 3;absent 3 | no such WFDB header",
        "r/1 2 100 3;r 3 | has segments itself",
        "r/1 2 100 3;~ 3 | none of its segments was recorded",
        "r/2 2 100;a 3;~ 2000000000 | cannot hold but for gaps",
        "r/2 2 100;a 3;~ 9007199254740992 | too many to hold at once",
        "r/2147483648 2 100;a 3 | number of segments"
      })
  void recordsThatContradictThemselvesAreRefused(String lines, String problem) throws IOException {
    file("r.hea", lines.split(";"));
    DataException e = assertThrows(DataException.class, this::read);
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  @Test
  void segmentsWithOtherLeadsAreRefused() throws IOException {
    file("b.hea", "b 2 100 2", "b.dat 212 10/mV 16 0 4 9 0 I", "b.dat 212 10/mV 16 0 40 90 0 V2");
    file("r.hea", "r/2 2 100 5", "a 3", "b 2");
    DataException e = assertThrows(DataException.class, this::read);
    assertTrue(e.getMessage().contains("has the leads I, V2, the record I, V1"), e.getMessage());
    assertEquals(3, e.line());
  }

  @Test
  void aLongGapIsReadByRange() throws IOException {
    file("r.hea", "r/3 2 100", "a 3", "~ 2000000000", "b 2");
    Recording end = Wfdb.read(folder.resolve("r"), 2_000_000_002L, 2_000_000_005L);
    assertArrayEquals(new float[] {GAP, .4f, .5f}, end.signal(Lead.I));
  }

  @Test
  void aSegmentedRecordHasNoDigitalForm() throws IOException {
    file("r.hea", "r/1 2 100 3", "a 3");
    assertThrows(DataException.class, () -> Wfdb.readDigital(folder.resolve("r")));
  }
}
