// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.signal.PolyphaseResampler;
import org.precordia.signal.Preprocessing;
import org.precordia.signal.Preprocessor;
import org.precordia.signal.RPeakDetector;

class PreparationTest {
  @TempDir Path folder;

  private static final PreparationSettings SETTINGS =
      PreparationSettings.defaults().withThreads(2).withCommand("prepare --test");

  private Path target() {
    return folder.resolve("x.shard");
  }

  private PreparationReport prepare(RecordSource source, PreparationSettings settings)
      throws IOException {
    return Preparation.run(source, target(), settings, (done, total, perSecond) -> {});
  }

  private static Recording withLeads(Recording r, List<Lead> leads, float[]... rows) {
    return new Recording(r.name(), r.rate(), leads, rows, List.of());
  }

  @Test
  void recordsAreStandardisedResampledFilteredAndRounded() throws IOException {
    Recording r = MemorySource.beats("a", 500, 5000, 1);
    List<Lead> reversed = new ArrayList<>(r.leads());
    Collections.reverse(reversed);
    float[][] rows = reversed.stream().map(r::signal).toArray(float[][]::new);
    PreparationReport report =
        prepare(new MemorySource().add(withLeads(r, reversed, rows)), SETTINGS);
    assertEquals(1, report.records());
    assertEquals(1000, report.samples());

    Preprocessor preprocessor = new Preprocessor(Preprocessing.DEFAULT, 500, 100);
    try (Shard shard = Shard.open(target())) {
      assertEquals(1000, shard.record(0).length());
      int[] peaks = RPeakDetector.detect(preprocessor.apply(r.signal(Lead.II)), 100);
      assertTrue(peaks.length > 5);
      assertEquals(peaks.length, report.rPeaks());
      assertArrayEquals(peaks, shard.record(0).rPeaks());
      short[] stored = new short[1000];
      for (int i = 0; i < 8; i++) {
        shard.copy(0, i, 0, stored);
        double[] expected = preprocessor.apply(r.signal(Lead.INDEPENDENT.get(i)));
        for (int t = 0; t < 1000; t++) {
          assertEquals(Math.round(1000 * expected[t]), stored[t]);
        }
      }
    }
  }

  @Test
  void limbLeadsAreDerivedWhereTwoOthersAreThere() throws IOException {
    Recording r = MemorySource.beats("a", 100, 1000, 2);
    float[] one = r.signal(Lead.I);
    float[] two = r.signal(Lead.II);
    List<Lead> leads = new ArrayList<>(r.leads());
    leads.set(0, Lead.AVF);
    leads.set(1, Lead.III);
    float[][] rows = r.millivolts().clone();
    rows[0] = LimbLeads.derive(Lead.AVF, one, two);
    rows[1] = LimbLeads.derive(Lead.III, one, two);
    prepare(new MemorySource().add(r).add(withLeads(r, leads, rows)), SETTINGS);
    try (Shard shard = Shard.open(target())) {
      for (int lead = 0; lead < 2; lead++) {
        assertArrayEquals(shard.millivolts(0)[lead], shard.millivolts(1)[lead], 0.0011f);
      }
    }
  }

  @Test
  void theShardDoesNotDependOnThreads() throws IOException {
    MemorySource source = new MemorySource();
    for (int i = 0; i < 25; i++) {
      source.add(MemorySource.beats("r" + i, i % 3 == 0 ? 500 : 100, 900 + 30 * i, i));
    }
    List<String> fingerprints = new ArrayList<>();
    for (int threads : new int[] {1, 2, 7}) {
      prepare(source, SETTINGS.withThreads(threads));
      try (Shard shard = Shard.open(target())) {
        fingerprints.add(shard.fingerprint());
      }
    }
    assertEquals(1, fingerprints.stream().distinct().count());
  }

  @Test
  void badRecordsAreSkippedAndReported() throws IOException {
    Recording good = MemorySource.beats("good", 100, 1000, 3);
    float[][] flat = good.millivolts().clone();
    flat[4] = new float[1000];
    float[][] missing = good.millivolts().clone();
    missing[0] = new float[1000];
    Arrays.fill(missing[0], Float.NaN);
    MemorySource source =
        new MemorySource()
            .add(good)
            .add(null, good(1))
            .add(withLeads(good, Lead.INDEPENDENT, flat))
            .add(withLeads(good, Lead.INDEPENDENT, missing))
            .add(withLeads(good, List.of(Lead.I, Lead.II), good.signal(Lead.I), flat[1]))
            .add(MemorySource.beats("short", 100, 20, 1))
            .add(MemorySource.beats("odd", 100 * Math.PI, 1000, 1))
            .add(MemorySource.beats("last", 100, 1000, 4));
    PreparationReport report = prepare(source, SETTINGS);
    assertEquals(2, report.records());
    List<PreparationReport.Skipped> skipped = report.skipped();
    String[] reasons = {
      "record 1 cannot be read",
      "lead V3 is flat throughout",
      "lead I has no valid sample",
      "has no lead V1",
      "no run of valid samples",
      "cannot resample from 314.159"
    };
    assertEquals(reasons.length, skipped.size());
    for (int i = 0; i < reasons.length; i++) {
      assertEquals("record " + (i + 1), skipped.get(i).id());
      assertTrue(skipped.get(i).reason().contains(reasons[i]), skipped.get(i).reason());
    }
    try (Shard shard = Shard.open(target())) {
      assertEquals("record 7", shard.record(1).id());
      assertEquals("prepare --test", shard.provenance().get("command"));
      assertEquals(Map.of("100.0", 2), shard.provenance().get("source_rates"));
    }
  }

  private static Subject good(int fold) {
    return new Subject("p", fold, 1, Subject.Sex.MALE, Map.of(), Set.of(), true);
  }

  @Test
  void aBadRecordCanStopThePreparation() throws IOException {
    Recording good = MemorySource.beats("good", 100, 1000, 3);
    MemorySource source = new MemorySource().add(good).add(null, good(1)).add(good);
    DataException e =
        assertThrows(
            DataException.class,
            () -> prepare(source, SETTINGS.with(PreparationSettings.OnBadRecord.FAIL)));
    assertTrue(e.getMessage().startsWith("record 1: the record cannot be used"), e.getMessage());
    try (var left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void aSourceWithoutAUsableRecordIsRefused() throws IOException {
    MemorySource source = new MemorySource().add(null, good(1));
    DataException e = assertThrows(DataException.class, () -> prepare(source, SETTINGS));
    assertTrue(e.getMessage().contains("the first: record 0 cannot be read"), e.getMessage());
    assertFalse(Files.exists(target()));
  }

  @Test
  void anInterruptLeavesNothingBehind() throws IOException {
    MemorySource source = new MemorySource().add(MemorySource.beats("a", 100, 1000, 1));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedIOException.class, () -> prepare(source, SETTINGS));
    assertTrue(Thread.interrupted());
    try (var left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void gapsAreInvalidInTheShardAndHaveNoPeaks() throws IOException {
    Recording r = MemorySource.beats("a", 100, 1000, 5);
    Arrays.fill(r.signal(Lead.II), 495, 505, Float.NaN);
    r.signal(Lead.V6)[10] = 60;
    PreparationReport report = prepare(new MemorySource().add(r), SETTINGS);
    assertEquals(10, report.invalid());
    assertTrue(report.clipped() > 0);
    try (Shard shard = Shard.open(target())) {
      short[] row = new short[12];
      shard.copy(0, 1, 494, row);
      for (int t = 0; t < 12; t++) {
        assertEquals(t >= 1 && t <= 10, row[t] == QuantizedSignals.INVALID);
      }
      for (int peak : shard.record(0).rPeaks()) {
        assertTrue(peak < 495 || peak >= 505);
      }
    }
  }

  @Test
  void copiesAreFoundWhateverTheirScaleRoundingAndRate() throws IOException {
    MemorySource source = new MemorySource();
    for (int i = 0; i < 40; i++) {
      source.add(MemorySource.beats("r" + i, 100, 1000, i));
    }
    Recording original = MemorySource.beats("r7", 100, 1000, 7);
    float[][] halved = new float[8][];
    float[][] slower = new float[8][];
    for (int i = 0; i < 8; i++) {
      float[] row = original.millivolts()[i];
      halved[i] = new float[1000];
      for (int t = 0; t < 1000; t++) {
        halved[i][t] = Math.round(row[t] / 2 * 500) / 500f;
      }
      double[] wide = new double[1000];
      for (int t = 0; t < 1000; t++) {
        wide[t] = row[t];
      }
      double[] up = PolyphaseResampler.between(100, 500).resample(wide);
      slower[i] = new float[up.length];
      for (int t = 0; t < up.length; t++) {
        slower[i][t] = (float) up[t];
      }
    }
    source.add(withLeads(original, Lead.INDEPENDENT, halved));
    source.add(new Recording("fast", 500, Lead.INDEPENDENT, slower, List.of()));
    PreparationReport report = prepare(source, SETTINGS);
    assertEquals(
        List.of(
            new PreparationReport.Duplicate("record 40", "record 7"),
            new PreparationReport.Duplicate("record 41", "record 7")),
        report.duplicates());
    try (Shard shard = Shard.open(target())) {
      assertEquals(42, shard.records());
      assertEquals(7, shard.record(41).duplicateOf());
      assertEquals(40, shard.select(r -> !r.isDuplicate()).length);
    }
  }

  @Test
  void progressReachesTheEnd() throws IOException {
    MemorySource source = new MemorySource();
    for (int i = 0; i < 5; i++) {
      source.add(MemorySource.beats("r" + i, 100, 500, i));
    }
    List<Integer> seen = new ArrayList<>();
    Preparation.run(
        source,
        target(),
        SETTINGS,
        (done, total, perSecond) -> {
          assertEquals(5, total);
          assertTrue(perSecond > 0);
          seen.add(done);
        });
    assertEquals(List.of(1, 2, 3, 4, 5), seen);
  }
}
