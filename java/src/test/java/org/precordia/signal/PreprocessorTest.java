// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessorTest {
  private static float[] microvolts(Object name) {
    double[] input = Figures.get("input", name);
    float[] result = new float[input.length];
    for (int i = 0; i < input.length; i++) {
      // Whole microvolts are exact in float; millivolts would not be.
      result[i] = (float) input[i];
    }
    return result;
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 128, 250, 257, 360, 500, 1000})
  void presetsEqualScipy(int rate) {
    for (Preprocessing preset : Preprocessing.values()) {
      double[] actual = new Preprocessor(preset, rate, 100).apply(microvolts(rate));
      assertTrue(Figures.relativeError(actual, Figures.get(preset.id(), rate)) < 1e-9);
    }
  }

  @ParameterizedTest
  @EnumSource(Preprocessing.class)
  void aGapIsInvalidAndTheRunsBesideItAreFilteredAlone(Preprocessing preset) {
    float[] whole = microvolts(100);
    Preprocessor preprocessor = new Preprocessor(preset, 100, 100);
    float[] gap = whole.clone();
    Arrays.fill(gap, 150, 160, Float.NaN);
    gap[300] = Float.POSITIVE_INFINITY;
    double[] actual = preprocessor.apply(gap);
    assertArrayEquals(preprocessor.apply(Arrays.copyOf(whole, 150)), Arrays.copyOf(actual, 150));
    assertArrayEquals(
        preprocessor.apply(Arrays.copyOfRange(whole, 160, 300)),
        Arrays.copyOfRange(actual, 160, 300));
    for (int i = 0; i < actual.length; i++) {
      assertEquals(i >= 150 && i < 160 || i == 300, Double.isNaN(actual[i]), "sample " + i);
    }
  }

  @Test
  void resampledValuesThatTouchAGapAreInvalid() {
    float[] gap = microvolts(500);
    Arrays.fill(gap, 600, 605, Float.NaN);
    double[] actual = new Preprocessor(Preprocessing.DEFAULT, 500, 100).apply(gap);
    // The low-pass of 1/5 reaches 50 samples to either side.
    for (int i = 0; i < actual.length; i++) {
      boolean touches = i * 5 + 50 >= 600 && i * 5 - 50 < 605;
      assertEquals(touches, Double.isNaN(actual[i]), "sample " + i);
    }
  }

  @Test
  void valuesInsideAGapDoNotMatter() {
    float[] lead = microvolts(500);
    Preprocessor preprocessor = new Preprocessor(Preprocessing.DEFAULT, 500, 100);
    float[] leading = lead.clone();
    Arrays.fill(leading, 0, 40, Float.NaN);
    float[] infinite = lead.clone();
    Arrays.fill(infinite, 0, 40, Float.NEGATIVE_INFINITY);
    assertArrayEquals(preprocessor.apply(leading), preprocessor.apply(infinite));
  }

  @Test
  void tooShortOrEmptyIsInvalid() {
    Preprocessor preprocessor = new Preprocessor(Preprocessing.DEFAULT, 100, 100);
    assertTrue(Arrays.stream(preprocessor.apply(new float[27])).allMatch(Double::isNaN));
    assertTrue(Arrays.stream(preprocessor.apply(new float[28])).allMatch(v -> v == 0));
    assertEquals(0, preprocessor.apply(new float[0]).length);
    float[] missing = new float[300];
    Arrays.fill(missing, Float.NaN);
    assertTrue(Arrays.stream(preprocessor.apply(missing)).allMatch(Double::isNaN));
  }

  @Test
  void presetsAreFoundByName() {
    assertEquals(Preprocessing.DEFAULT, Preprocessing.of("default"));
    assertEquals(Preprocessing.PAPER, Preprocessing.of("paper"));
    assertThrows(IllegalArgumentException.class, () -> Preprocessing.of("Paper"));
  }
}
