// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import java.util.Arrays;
import org.precordia.signal.PolyphaseResampler;

/** Takes a lead from the model's rate back to the record's, NaN where it has no value. */
final class BandSignal {
  private final PolyphaseResampler resampler;
  private final double ratio;
  private final int length;

  /**
   * @param modelRate rate of the samples in Hz
   * @param rate rate wanted in Hz
   * @param length samples wanted
   */
  BandSignal(double modelRate, double rate, int length) {
    this.resampler = PolyphaseResampler.between(modelRate, rate);
    this.ratio = modelRate / rate;
    this.length = length;
  }

  /** Resamples; samples whose nearest neighbour at the model's rate is NaN are NaN. */
  float[] toRecordRate(double[] samples) {
    float[] result = new float[length];
    Arrays.fill(result, Float.NaN);
    if (Arrays.stream(samples).allMatch(Double::isNaN)) {
      return result;
    }
    double[] resampled = resampler.resample(bridged(samples));
    for (int t = 0; t < length; t++) {
      int nearest = (int) Math.min(samples.length - 1, Math.rint(t * ratio));
      if (!Double.isNaN(samples[nearest])) {
        result[t] = (float) resampled[Math.min(t, resampled.length - 1)];
      }
    }
    return result;
  }

  /** NaN replaced by the last value before it, or the first one after, so that it cannot spread. */
  private static double[] bridged(double[] samples) {
    double[] copy = samples.clone();
    double last = Arrays.stream(samples).filter(v -> !Double.isNaN(v)).findFirst().orElse(0);
    for (int t = 0; t < copy.length; t++) {
      if (Double.isNaN(copy[t])) {
        copy[t] = last;
      } else {
        last = copy[t];
      }
    }
    return copy;
  }
}
