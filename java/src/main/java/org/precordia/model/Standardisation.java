// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Arrays;
import java.util.List;

/**
 * How inputs in mV become what the network sees.
 *
 * @param mode by the training set's statistics, or by each window's own
 * @param mean training-set mean of each input lead in mV
 * @param deviation training-set standard deviation of each input lead in mV
 * @param limit 99.9 percentile over training windows of each input lead's largest |x| in mV; what
 *     exceeds it lies outside of what the network was trained on
 */
public record Standardisation(
    Mode mode, List<Float> mean, List<Float> deviation, List<Float> limit) {

  /** What the statistics are taken over. */
  public enum Mode {
    /** Per lead, over the training set: amplitude is kept. */
    SET,
    /** Jointly over all leads of each window, as the paper's authors do. */
    WINDOW
  }

  private static final double SMALLEST_WINDOW_DEVIATION = 1e-6;

  public Standardisation {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    limit = List.copyOf(limit);
    if (mean.size() != deviation.size() || mean.size() != limit.size()) {
      throw new IllegalArgumentException(
          "%d means, %d deviations and %d limits"
              .formatted(mean.size(), deviation.size(), limit.size()));
    }
    if (deviation.stream().anyMatch(d -> !(d > 0))) {
      throw new IllegalArgumentException("a deviation is not positive: " + deviation);
    }
  }

  /**
   * Standardises windows.
   *
   * @param millivolts [windows, length, leads] in mV
   * @param length samples of a window
   * @param target the same shape; may be the same array
   */
  public void apply(float[] millivolts, int length, float[] target) {
    int leads = mean.size();
    int window = length * leads;
    float[] shift = array(mean);
    float[] scale = new float[leads];
    for (int i = 0; i < leads; i++) {
      scale[i] = 1 / deviation.get(i);
    }
    for (int begin = 0; begin < millivolts.length; begin += window) {
      if (mode == Mode.WINDOW) {
        jointStatistics(millivolts, begin, window, shift, scale);
      }
      for (int i = 0; i < window; i++) {
        int lead = i % leads;
        target[begin + i] = (millivolts[begin + i] - shift[lead]) * scale[lead];
      }
    }
  }

  /**
   * Undoes {@link #apply}.
   *
   * @param inputs standardised values, [windows, length, leads]
   * @return the same in mV
   * @throws IllegalStateException in mode {@code WINDOW}, whose means and deviations are not kept
   */
  float[] millivolts(float[] inputs) {
    if (mode == Mode.WINDOW) {
      throw new IllegalStateException("what was standardised by its own window cannot be undone");
    }
    float[] millivolts = new float[inputs.length];
    float[] shift = means();
    float[] scale = deviations();
    for (int i = 0; i < inputs.length; i++) {
      int lead = i % shift.length;
      millivolts[i] = inputs[i] * scale[lead] + shift[lead];
    }
    return millivolts;
  }

  private static void jointStatistics(
      float[] values, int begin, int count, float[] shift, float[] scale) {
    double sum = 0;
    for (int i = begin; i < begin + count; i++) {
      sum += values[i];
    }
    double average = sum / count;
    double squares = 0;
    for (int i = begin; i < begin + count; i++) {
      squares += (values[i] - average) * (values[i] - average);
    }
    double sd = Math.max(Math.sqrt(squares / count), SMALLEST_WINDOW_DEVIATION);
    Arrays.fill(shift, (float) average);
    Arrays.fill(scale, (float) (1 / sd));
  }

  /** Means as an array. */
  public float[] means() {
    return array(mean);
  }

  /** Deviations as an array. */
  public float[] deviations() {
    return array(deviation);
  }

  static float[] array(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  /** Values as a list. */
  static List<Float> list(float[] values) {
    Float[] boxed = new Float[values.length];
    for (int i = 0; i < boxed.length; i++) {
      boxed[i] = values[i];
    }
    return List.of(boxed);
  }
}
