// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.signal.Preprocessing;

class WindowsTest {
  @TempDir Path folder;

  private static final Subject SUBJECT =
      new Subject("p", 1, 50, Subject.Sex.MALE, Map.of(), Set.of(), true);

  /** A shard of records of white noise of one deviation in µV. */
  private Shard shard(short[][]... records) throws IOException {
    Path file = folder.resolve("x.shard");
    try (ShardWriter writer =
        new ShardWriter(
            AtomicFile.create(file),
            100,
            Preprocessing.DEFAULT,
            Vocabulary.collect(List.of(SUBJECT), LabelPolicy.DEFAULT, c -> true))) {
      for (short[][] record : records) {
        writer.add("r" + writer.size(), SUBJECT, new QuantizedSignals(record, 0), new int[0]);
      }
      writer.finish(Map.of());
    }
    return Shard.open(file);
  }

  private static short[][] noise(int length, double deviation, long seed) {
    Random random = new Random(seed);
    short[][] rows = new short[8][length];
    for (short[] row : rows) {
      for (int t = 0; t < length; t++) {
        row[t] = (short) Math.round(deviation * random.nextGaussian());
      }
    }
    return rows;
  }

  @Test
  void windowsStartEverySixtyFourSamplesAndOneEndsAtTheEnd() {
    assertArrayEquals(new int[0], Windows.starts(255));
    assertArrayEquals(new int[] {0}, Windows.starts(256));
    assertArrayEquals(new int[] {0, 1}, Windows.starts(257));
    assertArrayEquals(new int[] {0, 64}, Windows.starts(320));
    assertArrayEquals(new int[] {0, 64, 65}, Windows.starts(321));
    int[] ten = Windows.starts(1000);
    assertEquals(13, ten.length);
    assertEquals(704, ten[11]);
    assertEquals(744, ten[12]);
  }

  @Test
  void evaluationRejectsOnlyInvalidAndFlatWindows() throws IOException {
    short[][] gap = noise(1000, 300, 1);
    gap[7][300] = QuantizedSignals.INVALID;
    short[][] flat = noise(1000, 300, 2);
    for (int t = 0; t < 400; t++) {
      flat[3][t] = (short) (100 + t % 3);
    }
    short[][] loud = noise(1000, 8000, 3);
    try (Shard shard = shard(gap, noise(200, 300, 4), flat, loud, noise(256, 300, 5))) {
      Windows.Selection s = Windows.forEvaluation(shard, new int[] {0, 1, 2, 3, 4});
      // Sample 300 lies in the windows from 64, 128, 192 and 256; 0..399 covers 0, 64 and 128.
      assertEquals(4, s.invalid());
      assertEquals(3, s.flat());
      assertEquals(0, s.outliers());
      assertEquals(1, s.tooShort());
      assertEquals(9 + 10 + 13 + 1, s.size());
      assertArrayEquals(new int[] {0, 320}, Arrays.copyOf(s.starts(), 2));
      assertEquals(0, s.records()[8]);
      assertEquals(2, s.records()[9]);
      assertEquals(192, s.starts()[9]);
      assertEquals(4, s.records()[s.size() - 1]);
    }
  }

  @Test
  void trainingRejectsWindowsWithMoreThanThreeUnusualLeads() throws IOException {
    short[][] usual = noise(300_000, 300, 1);
    short[][] threeLeads = noise(256, 300, 2);
    short[][] fourLeads = noise(256, 300, 3);
    short[][] quiet = noise(256, 60, 4);
    // V1, V2, V3 and then V4: leads from which no other is derived.
    for (int lead = 2; lead < 6; lead++) {
      for (int t = 0; t < 256; t++) {
        fourLeads[lead][t] = (short) (4 * fourLeads[lead][t]);
        if (lead < 5) {
          threeLeads[lead][t] = (short) (4 * threeLeads[lead][t]);
        }
      }
    }
    try (Shard shard = shard(usual, threeLeads, fourLeads, quiet)) {
      WindowLimits limits = WindowLimits.measure(shard, new int[] {0});
      Windows.Selection s = Windows.forTraining(shard, new int[] {1, 2, 3}, limits);
      assertEquals(1, s.size());
      assertEquals(1, s.records()[0]);
      assertEquals(2, s.outliers());
      assertEquals(3, Windows.forEvaluation(shard, new int[] {1, 2, 3}).size());
    }
  }

  @Test
  void limitsArePercentilesOverAllTwelveLeads() throws IOException {
    short[][] record = noise(3000, 300, 9);
    try (Shard shard = shard(record)) {
      WindowLimits limits = WindowLimits.measure(shard, new int[] {0});
      int[] starts = Windows.starts(3000);
      for (int k = 0; k < 12; k++) {
        Lead lead = Lead.TWELVE.get(k);
        float[] mix = LimbLeads.mix(lead);
        double[] maxima = new double[starts.length];
        double[] rms = new double[starts.length];
        for (int w = 0; w < starts.length; w++) {
          double squares = 0;
          for (int t = starts[w]; t < starts[w] + 256; t++) {
            double value = 0;
            for (int i = 0; i < 8; i++) {
              value += mix[i] * record[i][t] / 1000.0;
            }
            maxima[w] = Math.max(maxima[w], Math.abs(value));
            squares += value * value;
          }
          rms[w] = Math.sqrt(squares / 256);
        }
        assertEquals(percentile(maxima, 99.9), limits.highestMaximum(lead), 1e-6);
        assertEquals(percentile(maxima, 0.1), limits.lowestMaximum()[k], 1e-6);
        assertEquals(percentile(rms, 99.9), limits.highestRms()[k], 1e-6);
        assertEquals(percentile(rms, 0.1), limits.lowestRms()[k], 1e-6);
      }
    }
  }

  private static double percentile(double[] values, double percent) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double position = (sorted.length - 1) * percent / 100;
    int below = (int) Math.floor(position);
    int above = (int) Math.ceil(position);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }

  @Test
  void aThinnedSelectionHasAllWindowsOfEveryKthRecord() {
    int[] records = new int[70];
    int[] starts = new int[70];
    for (int i = 0; i < 70; i++) {
      records[i] = 2 * (i / 7);
      starts[i] = 64 * (i % 7);
    }
    Windows.Selection all = new Windows.Selection(records, starts, 1, 2, 3, 4);
    assertSame(all, all.thinned(70));
    Windows.Selection thinned = all.thinned(30);
    assertArrayEquals(new int[] {0, 7, 14, 21}, thinned.firsts());
    for (int i = 0; i < thinned.size(); i++) {
      assertEquals(6 * (i / 7), thinned.records()[i]);
      assertEquals(64 * (i % 7), thinned.starts()[i]);
    }
    assertEquals(3, thinned.outliers());
  }

  @Test
  void manyRecordsAreLookedAtInOrder() throws IOException {
    short[][][] records = new short[2500][][];
    for (int i = 0; i < records.length; i++) {
      records[i] = noise(i % 3 == 0 ? 300 : 256, 300, i);
    }
    try (Shard shard = shard(records)) {
      int[] all = IntStream.range(0, records.length).toArray();
      Windows.Selection s = Windows.forEvaluation(shard, all);
      int at = 0;
      for (int record : all) {
        for (int start : Windows.starts(shard.length(record))) {
          assertEquals(record, s.records()[at]);
          assertEquals(start, s.starts()[at++]);
        }
      }
      assertEquals(at, s.size());
    }
  }

  @Test
  void limitsNeedAUsableWindow() throws IOException {
    try (Shard shard = shard(noise(200, 300, 1))) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> WindowLimits.measure(shard, new int[] {0}));
      assertTrue(e.getMessage().contains("usable window"), e.getMessage());
    }
  }
}
