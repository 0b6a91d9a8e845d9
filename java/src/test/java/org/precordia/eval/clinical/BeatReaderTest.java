// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.clinical;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Measures against levels that were planted. */
class BeatReaderTest {
  private static final double RATE = 100;
  private static final int LENGTH = 1000;

  /** R peaks 0.8 s apart; the first and the last lie within 0.7 s of an edge. */
  private static final int[] PEAKS = {50, 130, 210, 290, 370, 450, 530, 610, 690, 770, 850, 960};

  private final BeatReader reader = new BeatReader(RATE);

  @Test
  void plantedLevelsAreMeasured() {
    double[] lead = lead(1.2, 0.2, 0.3);
    RecordReading reading = read(lead, lead(1.0, 0.05, 0.25), lead);
    assertLevel(1.2, 1.0, reading.cell(Measure.R_AMPLITUDE, 0), 0.01);
    assertLevel(1.2, 1.0, reading.cell(Measure.QRS_AMPLITUDE, 0), 0.01);
    assertLevel(0.3, 0.25, reading.cell(Measure.T_AMPLITUDE, 0), 0.01);
    assertLevel(0.2, 0.05, reading.cell(Measure.ST60, 0), 0.01);
    assertLevel(0.2, 0.05, reading.cell(Measure.ST80, 0), 0.01);
    assertEquals(1, reading.cell(Measure.ST60, 0).large(), 0, "0.15 mV is a large error");
  }

  @Test
  void anErrorBelowATenthOfAMillivoltIsNotLarge() {
    double[] lead = lead(1.2, 0.2, 0.3);
    assertEquals(0, read(lead, lead(1.2, 0.12, 0.3), lead).cell(Measure.ST60, 0).large(), 0);
  }

  @Test
  void whatEqualsTheTruthHasNoErrors() {
    double[] lead = lead(0.9, 0.1, -0.2);
    RecordReading reading = read(lead, lead.clone(), lead);
    for (Measure measure : Measure.values()) {
      RecordReading.Cell cell = reading.cell(measure, 0);
      assertEquals(10, cell.beats(), measure.key());
      assertEquals(0, cell.error(), 0, measure.key());
      assertEquals(cell.truth(), cell.reconstructed(), 0, measure.key());
    }
    assertTrue(reading.cell(Measure.QRS_DURATION, 0).truth() > 50);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-3, 0, 5})
  void eachLeadIsMeasuredOverItsOwnLevel(double offset) {
    double[] lead = lead(0.9, 0.1, 0.2);
    double[] made = Arrays.stream(lead).map(v -> offset + 0.8 * v).toArray();
    RecordReading reading = read(lead, made, lead);
    for (Measure measure : Measure.values()) {
      double factor = measure == Measure.QRS_DURATION ? 1 : 0.8;
      RecordReading.Cell cell = reading.cell(measure, 0);
      assertEquals(factor * cell.truth(), cell.reconstructed(), 1e-9, measure.key());
    }
  }

  @Test
  void beatsNearAnEdgeAreDroppedAndCounted() {
    double[] lead = lead(1, 0.1, 0.2);
    TrueBeats.Counts counts = reader.find(lead, PEAKS, new double[][] {lead}).counts();
    assertEquals(new TrueBeats.Counts(10, 2, 0, 0, 0), counts);
    double[] reconstructable = lead.clone();
    Arrays.fill(reconstructable, 0, 200, Double.NaN);
    counts = reader.find(lead, PEAKS, new double[][] {reconstructable}).counts();
    assertEquals(8, counts.measured(), "what is not reconstructed has an edge too");
    assertEquals(4, counts.atEdge());
  }

  @Test
  void withoutTWaveTheOtherMeasuresRemain() {
    double[] lead = lead(1, 0, 0);
    TrueBeats beats = reader.find(lead, PEAKS, new double[][] {lead});
    assertEquals(10, beats.counts().withoutT());
    RecordReading reading = reader.read(beats, new double[][] {lead});
    assertEquals(0, reading.cell(Measure.T_AMPLITUDE, 0).beats());
    assertTrue(Double.isNaN(reading.cell(Measure.T_AMPLITUDE, 0).truth()));
    assertEquals(10, reading.cell(Measure.ST60, 0).beats());
  }

  @Test
  void aReconstructionWithoutQrsHasNoDuration() {
    double[] lead = lead(1, 0.1, 0.2);
    RecordReading reading = read(lead, new double[LENGTH], lead);
    assertEquals(0, reading.cell(Measure.QRS_DURATION, 0).beats());
    assertEquals(10, reading.cell(Measure.QRS_DURATION, 0).lost());
    assertEquals(0, reading.cell(Measure.R_AMPLITUDE, 0).reconstructed(), 0);
  }

  private RecordReading read(double[] truth, double[] made, double[] two) {
    TrueBeats beats = reader.find(two, PEAKS, new double[][] {truth});
    return reader.read(beats, new double[][] {made});
  }

  private static void assertLevel(
      double truth, double made, RecordReading.Cell cell, double tolerance) {
    assertEquals(10, cell.beats());
    assertEquals(truth, cell.truth(), tolerance);
    assertEquals(made, cell.reconstructed(), tolerance);
    assertEquals(Math.abs(made - truth), cell.error(), tolerance);
  }

  /** Beats of a QRS complex, a level ST segment, and a T wave upon its end. */
  private static double[] lead(double r, double st, double t) {
    double[] lead = new double[LENGTH];
    for (int peak : PEAKS) {
      for (int n = Math.max(0, peak - 10); n < Math.min(LENGTH, peak + 45); n++) {
        double s = (n - peak) / RATE;
        double qrs = Math.exp(-0.5 * Math.pow(s / 0.012, 2));
        double rise = 1 / (1 + Math.exp(-(s - 0.030) / 0.004));
        double fall = 1 / (1 + Math.exp((s - 0.330) / 0.012));
        double wave = Math.exp(-0.5 * Math.pow((s - 0.260) / 0.030, 2));
        lead[n] += r * qrs + st * rise * fall + (t - st) * wave;
      }
    }
    return lead;
  }
}
