// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  private static final double TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(strings = {"4/0.5/45/100", "2/5/15/100", "4/0.5/45/500", "3/1/40/250"})
  void bandPassEqualsScipy(String design) {
    String[] p = design.split("/");
    SecondOrderSections filter =
        SecondOrderSections.butterworthBandPass(
            Integer.parseInt(p[0]),
            Double.parseDouble(p[1]),
            Double.parseDouble(p[2]),
            Double.parseDouble(p[3]));
    double[] actual = filter.filterForwardBackward(Figures.get("input", "short"), 27);
    assertTrue(Figures.relativeError(actual, Figures.get("butter", design)) < TOLERANCE);
  }

  @Test
  void shortestSignalEqualsScipy() {
    double[] input = Arrays.copyOf(Figures.get("input", "short"), 28);
    SecondOrderSections filter = SecondOrderSections.butterworthBandPass(4, 0.5, 45, 100);
    assertEquals(27, filter.defaultPadding());
    double[] actual = filter.filterForwardBackward(input, 27);
    assertTrue(Figures.relativeError(actual, Figures.get("minimum", 28)) < TOLERANCE);
    assertThrows(
        IllegalArgumentException.class,
        () -> filter.filterForwardBackward(Arrays.copyOf(input, 27), 27));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 8, 11})
  void signalsSideBySideAreFilteredEachByItself(int count) {
    SecondOrderSections filter = SecondOrderSections.butterworthBandPass(4, 0.5, 45, 100);
    double[][] signals = new double[count][];
    for (int i = 0; i < count; i++) {
      signals[i] = Figures.get("input", "short").clone();
      for (int t = 0; t < signals[i].length; t++) {
        signals[i][t] = (i + 1) * signals[i][(t + 7 * i) % signals[i].length] - i;
      }
    }
    double[][] together = filter.filterForwardBackward(signals, 27);
    for (int i = 0; i < count; i++) {
      assertArrayEquals(filter.filterForwardBackward(signals[i], 27), together[i]);
    }
    signals[count - 1] = Arrays.copyOf(signals[count - 1], 100);
    if (count > 1) {
      assertThrows(IllegalArgumentException.class, () -> filter.filterForwardBackward(signals, 27));
    }
  }

  @Test
  void constantSignalVanishesWithoutTransient() {
    double[] constant = new double[300];
    Arrays.fill(constant, -3.25);
    double[] out =
        SecondOrderSections.butterworthBandPass(4, 0.5, 45, 100)
            .filterForwardBackward(constant, 27);
    for (double y : out) {
      assertEquals(0, y, 1e-10);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,45,100", "45,0.5,100", "0.5,50,100", "0.5,45,80", "NaN,45,100"})
  void impossibleBandsAreRefused(double low, double high, double rate) {
    assertThrows(
        IllegalArgumentException.class,
        () -> SecondOrderSections.butterworthBandPass(4, low, high, rate));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5/1", "10/1", "32/25", "257/100", "3/7"})
  void resamplingEqualsScipy(String ratio) {
    String[] p = ratio.split("/");
    PolyphaseResampler resampler =
        PolyphaseResampler.between(Double.parseDouble(p[1]), Double.parseDouble(p[0]));
    assertEquals(Integer.parseInt(p[0]), resampler.up());
    assertEquals(Integer.parseInt(p[1]), resampler.down());
    double[] actual = resampler.resample(Figures.get("input", "short"));
    assertTrue(Figures.relativeError(actual, Figures.get("resample", ratio)) < TOLERANCE);
  }

  @ParameterizedTest
  @CsvSource({
    "100,100,1,1",
    "1000,100,1,10",
    "360,100,5,18",
    "977.5,100,40,391",
    "99.9,100,1000,999",
    "128,500,125,32",
    "333.3,100,1000,3333"
  })
  void ratiosAreReduced(double from, double to, int up, int down) {
    PolyphaseResampler resampler = PolyphaseResampler.between(from, to);
    assertEquals(up, resampler.up());
    assertEquals(down, resampler.down());
  }

  @Test
  void irrationalRatiosAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> PolyphaseResampler.between(100 * Math.PI, 100));
    assertThrows(IllegalArgumentException.class, () -> PolyphaseResampler.between(0, 100));
    assertThrows(IllegalArgumentException.class, () -> PolyphaseResampler.between(1e9, 100));
  }

  @Test
  void straightLineSurvivesResampling() {
    double[] line = new double[40];
    for (int i = 0; i < line.length; i++) {
      line[i] = 2 - 0.25 * i;
    }
    double[] out = PolyphaseResampler.between(100, 250).resample(line);
    assertEquals(100, out.length);
    for (int i = 0; i < out.length; i++) {
      assertEquals(2 - 0.25 * i * 0.4, out[i], 0.02);
    }
    assertEquals(1, PolyphaseResampler.between(500, 100).resample(new double[] {7}).length);
    assertEquals(0, PolyphaseResampler.between(500, 100).resample(new double[0]).length);
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 301})
  void runningMedianEqualsScipy(int width) {
    double[] actual = new RunningMedian(width).apply(Figures.get("input", "short"));
    assertEquals(0, Figures.relativeError(actual, Figures.get("median", width)));
  }

  @Test
  void medianWidthIsOdd() {
    assertEquals(61, RunningMedian.oddWidth(0.6, 100));
    assertEquals(301, RunningMedian.oddWidth(0.6, 500));
    assertThrows(IllegalArgumentException.class, () -> new RunningMedian(60));
  }
}
