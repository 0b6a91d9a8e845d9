// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.data.Lead;
import org.precordia.data.RealData;
import org.precordia.data.Recording;
import org.precordia.data.Wfdb;
import org.precordia.synth.SyntheticCohort;
import org.precordia.synth.SyntheticCohort.Options;

class RPeakDetectorTest {
  /** Beats closer to an edge may be cut off and are counted neither as found nor as missed. */
  private static final double EDGE = 0.15;

  private static final double TOLERANCE = 0.100;

  /** What became of the true beats and of the marks. */
  private static final class Score {
    int found;
    int missed;
    int wrong;
    double[] errors = new double[0];

    double sensitivity() {
      return (double) found / (found + missed);
    }

    double precision() {
      return (double) found / (found + wrong);
    }
  }

  @ParameterizedTest
  @CsvSource({"100,II,1", "500,II,1", "250,V5,1", "100,V1,1", "100,V5,2"})
  void findsTheBeatsOfTheSyntheticCohort(double rate, String lead, double noise) {
    Score score =
        score(Options.of(200, 5).withRate(rate).withNoise(noise), Lead.parse(lead).orElseThrow());
    // Lead II of a few patients is perpendicular to the QRS, and shows little but P and T waves.
    double least = lead.equals("II") ? 0.985 : 0.995;
    assertTrue(score.sensitivity() > least, "sensitivity " + score.sensitivity());
    assertTrue(score.precision() > least, "precision " + score.precision());
    // The lead's own peak lies off the spatial one by part of a QRS, the same on every beat.
    Arrays.sort(score.errors);
    assertTrue(score.errors[score.errors.length / 2] < 0.008 + 0.5 / rate);
  }

  @Test
  void intervalsAreThoseOfTheRhythm() {
    SyntheticCohort cohort = new SyntheticCohort(Options.of(60, 15).withRate(500).withNoise(0.5));
    List<Double> errors = new ArrayList<>();
    for (int i = 0; i < cohort.size(); i++) {
      int[] peaks = RPeakDetector.detect(cohort.read(i).signal(Lead.V5), 500);
      double[] truth = cohort.fiducials(i).rPeak();
      for (int p = 1; p < peaks.length; p++) {
        int beat = nearest(truth, peaks[p] / 500.0);
        if (beat > 0) {
          double interval = (peaks[p] - peaks[p - 1]) / 500.0;
          errors.add(Math.abs(interval - (truth[beat] - truth[beat - 1])));
        }
      }
    }
    Collections.sort(errors);
    assertTrue(errors.get(errors.size() / 2) <= 0.002, "half of the RR intervals within a sample");
    assertTrue(
        errors.get(errors.size() * 95 / 100) < 0.010, "RR " + errors.get(errors.size() * 95 / 100));
  }

  @Test
  void offsetScaleAndPolarityDoNotMatter() {
    float[] lead = new SyntheticCohort(Options.of(3, 2).withRate(250)).read(1).signal(Lead.II);
    double[] plain = widen(lead);
    int[] expected = RPeakDetector.detect(plain, 250);
    assertTrue(expected.length > 5);
    assertArrayEquals(expected, RPeakDetector.detect(lead, 250));
    double[] shifted = Arrays.stream(plain).map(v -> v - 7).toArray();
    assertArrayEquals(expected, RPeakDetector.detect(shifted, 250));
    double[] inverted = Arrays.stream(plain).map(v -> -v).toArray();
    assertArrayEquals(expected, RPeakDetector.detect(inverted, 250));
    double[] larger = Arrays.stream(plain).map(v -> 3 * v).toArray();
    assertArrayEquals(expected, RPeakDetector.detect(larger, 250));
  }

  @Test
  void gapsGiveNoBeatsAndHideNoOthers() {
    Recording recording = new SyntheticCohort(Options.of(3, 2).withRate(250)).read(2);
    double[] lead = widen(recording.signal(Lead.II));
    int[] whole = RPeakDetector.detect(lead, 250);
    Arrays.fill(lead, 0, 100, Double.NaN);
    Arrays.fill(lead, 1000, 1500, Double.NaN);
    int[] found = RPeakDetector.detect(lead, 250);
    int[] expected = Arrays.stream(whole).filter(t -> t > 140 && (t < 960 || t > 1540)).toArray();
    int[] within = Arrays.stream(found).filter(t -> t > 140 && (t < 960 || t > 1540)).toArray();
    assertArrayEquals(expected, within);
    assertTrue(Arrays.stream(found).noneMatch(t -> Double.isNaN(lead[t])));
  }

  @Test
  void flatNoisyShortAndEmptyLeadsHaveNoBeats() {
    assertEquals(0, RPeakDetector.detect(new double[1000], 100).length);
    double[] noise = new double[1000];
    Philox random = new Philox(1, 0, 0, 0);
    Arrays.setAll(noise, t -> 1.5 + 0.005 * random.normal());
    assertEquals(0, RPeakDetector.detect(noise, 100).length);
    double[] missing = new double[1000];
    Arrays.fill(missing, Double.NaN);
    assertEquals(0, RPeakDetector.detect(missing, 100).length);
    assertEquals(0, RPeakDetector.detect(new double[0], 100).length);
    assertEquals(0, RPeakDetector.detect(new double[20], 100).length);
    assertThrows(IllegalArgumentException.class, () -> RPeakDetector.detect(new double[1000], 40));
  }

  /** Real leads: two leads of one recording see the same beats, at rates that hearts have. */
  @Test
  void leadsOfRealRecordingsAgree() throws IOException {
    Path folder = RealData.require("ptb-xl/records100");
    List<Path> headers;
    try (Stream<Path> files = Files.walk(folder)) {
      headers = files.filter(file -> file.toString().endsWith(".hea")).sorted().limit(300).toList();
    }
    int agreeing = 0;
    int marks = 0;
    int plausible = 0;
    for (Path header : headers) {
      Recording recording = Wfdb.read(header);
      int[] two = RPeakDetector.detect(recording.signal(Lead.II), recording.rate());
      int[] chest = RPeakDetector.detect(recording.signal(Lead.V2), recording.rate());
      marks += two.length + chest.length;
      for (int a : two) {
        agreeing += Arrays.stream(chest).anyMatch(b -> Math.abs(a - b) <= 12) ? 2 : 0;
      }
      double beatsPerMinute = 60 * two.length / recording.seconds();
      plausible += beatsPerMinute >= 30 && beatsPerMinute <= 180 ? 1 : 0;
    }
    assertTrue(agreeing > 0.985 * marks, agreeing + " of " + marks + " marks agree");
    assertTrue(plausible >= 0.995 * headers.size(), plausible + " of " + headers.size());
  }

  private static Score score(Options options, Lead lead) {
    SyntheticCohort cohort = new SyntheticCohort(options);
    Score score = new Score();
    for (int i = 0; i < cohort.size(); i++) {
      int[] peaks = RPeakDetector.detect(cohort.read(i).signal(lead), options.rate());
      double[] truth = cohort.fiducials(i).rPeak();
      boolean[] taken = new boolean[truth.length];
      double[] errors = new double[peaks.length];
      int matched = 0;
      for (int peak : peaks) {
        double seconds = peak / options.rate();
        int beat = nearest(truth, seconds);
        if (beat >= 0 && Math.abs(truth[beat] - seconds) <= TOLERANCE && !taken[beat]) {
          taken[beat] = true;
          errors[matched++] = seconds - truth[beat];
        } else if (inside(seconds, options)) {
          score.wrong++;
        }
      }
      for (int beat = 0; beat < truth.length; beat++) {
        if (taken[beat]) {
          score.found++;
        } else if (inside(truth[beat], options)) {
          score.missed++;
        }
      }
      double[] sorted = Arrays.copyOf(errors, matched);
      Arrays.sort(sorted);
      double usual = matched == 0 ? 0 : sorted[matched / 2];
      double[] all = Arrays.copyOf(score.errors, score.errors.length + matched);
      for (int e = 0; e < matched; e++) {
        all[score.errors.length + e] = Math.abs(errors[e] - usual);
      }
      score.errors = all;
    }
    return score;
  }

  private static boolean inside(double seconds, Options options) {
    return seconds > EDGE && seconds < options.seconds() - EDGE;
  }

  private static int nearest(double[] truth, double seconds) {
    int nearest = -1;
    for (int beat = 0; beat < truth.length; beat++) {
      if (nearest < 0 || Math.abs(truth[beat] - seconds) < Math.abs(truth[nearest] - seconds)) {
        nearest = beat;
      }
    }
    return nearest;
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int t = 0; t < wide.length; t++) {
      wide[t] = values[t];
    }
    return wide;
  }
}
