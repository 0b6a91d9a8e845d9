// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.precordia.data.Lead;
import org.precordia.synth.SyntheticCohort;
import org.precordia.synth.SyntheticCohort.Options;

/** What must hold of a delineation whatever the ECG. */
class DelineatorTest {
  private static final double RATE = 100;
  private static final double[] LEAD =
      new Preprocessor(Preprocessing.DEFAULT, RATE, RATE)
          .apply(new SyntheticCohort(Options.of(4, 3)).read(2).signal(Lead.II));
  private static final int[] PEAKS = RPeakDetector.detect(LEAD, RATE);
  private static final List<BeatFiducials> BEATS = new Delineator(RATE).delineate(LEAD, PEAKS);

  @Test
  void fiducialsLieInOrder() {
    assertEquals(PEAKS.length, BEATS.size());
    for (BeatFiducials beat : inner(BEATS)) {
      assertTrue(beat.qrsOnset() < beat.r() && beat.r() < beat.j(), beat.toString());
      assertTrue(beat.j() < beat.tPeak() && beat.tPeak() < beat.tEnd(), beat.toString());
      assertTrue(beat.qrsDuration() > 5 && beat.qrsDuration() < 16, beat.toString());
    }
  }

  /** So the transform's delay is accounted for. */
  @Test
  void aSymmetricBeatIsFoundSymmetric() {
    double[] lead = new double[600];
    int[] peaks = {90, 180, 270, 360, 450};
    for (int r : peaks) {
      for (int t = 0; t < lead.length; t++) {
        lead[t] += Math.exp(-0.5 * Math.pow((t - r) / 1.4, 2));
        lead[t] += 0.3 * Math.exp(-0.5 * Math.pow((t - r - 27) / 4.0, 2));
      }
    }
    for (BeatFiducials beat : new Delineator(RATE).delineate(lead, peaks)) {
      assertEquals(beat.r(), (beat.qrsOnset() + beat.j()) / 2, 0.3, beat.toString());
      assertEquals(beat.r() + 27, beat.tPeak(), 0.1, beat.toString());
      assertEquals(beat.r() + 27 + 2 * 4.0, beat.tEnd(), 3, beat.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 0.5, 4})
  void scaleAndPolarityDoNotMatter(double factor) {
    double[] scaled = Arrays.stream(LEAD).map(v -> factor * v).toArray();
    assertNear(BEATS, new Delineator(RATE).delineate(scaled, PEAKS), 0, 1e-6);
  }

  @Test
  void anOffsetDoesNotMatter() {
    double[] lifted = Arrays.stream(LEAD).map(v -> v + 2).toArray();
    assertNear(BEATS, new Delineator(RATE).delineate(lifted, PEAKS), 0, 1e-6);
  }

  /** Also by an odd number of samples, which is no whole number of samples at 250 Hz. */
  @ParameterizedTest
  @ValueSource(ints = {20, 33})
  void aShiftInTimeShiftsEveryFiducial(int samples) {
    double[] shifted = new double[LEAD.length];
    Arrays.setAll(shifted, t -> LEAD[Math.max(0, t - samples)]);
    int[] peaks = Arrays.stream(PEAKS).map(p -> p + samples).filter(p -> p < 900).toArray();
    List<BeatFiducials> found = new Delineator(RATE).delineate(shifted, peaks);
    assertNear(BEATS.subList(0, peaks.length), found, samples, 0.35);
  }

  @Test
  void theRateDoesNotMatter() {
    double[] fast = PolyphaseResampler.between(RATE, 500).resample(LEAD);
    int[] peaks = Arrays.stream(PEAKS).map(p -> 5 * p).toArray();
    List<BeatFiducials> found = new Delineator(500).delineate(fast, peaks);
    for (int i = 1; i + 1 < BEATS.size(); i++) {
      assertEquals(5 * BEATS.get(i).qrsOnset(), found.get(i).qrsOnset(), 1);
      assertEquals(5 * BEATS.get(i).j(), found.get(i).j(), 1);
      assertEquals(5 * BEATS.get(i).tPeak(), found.get(i).tPeak(), 1);
    }
  }

  @Test
  void whereNothingIsNothingIsFound() {
    int[] peaks = {100, 200, 300};
    double[] missing = new double[400];
    Arrays.fill(missing, Double.NaN);
    for (double[] lead : List.of(new double[400], missing)) {
      List<BeatFiducials> beats = new Delineator(RATE).delineate(lead, peaks);
      assertEquals(3, beats.size());
      for (BeatFiducials beat : beats) {
        assertTrue(Double.isNaN(beat.qrsOnset()) && Double.isNaN(beat.j()), beat.toString());
        assertTrue(Double.isNaN(beat.tPeak()) && Double.isNaN(beat.tEnd()), beat.toString());
      }
    }
    assertTrue(new Delineator(RATE).delineate(LEAD, new int[0]).isEmpty());
  }

  @Test
  void aGapHidesItsFiducialsAlone() {
    double[] holed = LEAD.clone();
    int gap = (int) BEATS.get(4).tPeak();
    Arrays.fill(holed, gap - 12, gap + 12, Double.NaN);
    List<BeatFiducials> found = new Delineator(RATE).delineate(holed, PEAKS);
    assertTrue(Double.isNaN(found.get(4).tPeak()));
    assertEquals(BEATS.get(2).qrsOnset(), found.get(2).qrsOnset(), 0.2);
    assertEquals(BEATS.get(6).tPeak(), found.get(6).tPeak(), 0.2);
  }

  private static List<BeatFiducials> inner(List<BeatFiducials> beats) {
    return beats.subList(1, beats.size() - 1);
  }

  private static void assertNear(
      List<BeatFiducials> expected, List<BeatFiducials> found, int shift, double tolerance) {
    assertEquals(expected.size(), found.size());
    for (int i = 1; i + 1 < expected.size(); i++) {
      BeatFiducials e = expected.get(i);
      BeatFiducials f = found.get(i);
      assertEquals(e.qrsOnset() + shift, f.qrsOnset(), tolerance, "QRS onset of beat " + i);
      assertEquals(e.j() + shift, f.j(), tolerance, "J of beat " + i);
      assertEquals(e.tPeak() + shift, f.tPeak(), tolerance, "T peak of beat " + i);
      assertEquals(e.tEnd() + shift, f.tEnd(), tolerance, "T end of beat " + i);
    }
  }
}
