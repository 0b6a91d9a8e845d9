// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.data.WindowLimits;
import org.precordia.data.Windows;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Standardisation;

/** Mean and deviation of each input lead over training windows, in mV. */
final class InputStatistics {
  private static final double MILLIVOLT = 1e-3;

  private InputStatistics() {}

  /**
   * Measures the statistics.
   *
   * @param windows training windows; a sample that lies in several counts as often
   * @param limits where the 99.9 percentiles of the largest magnitude come from
   */
  static Standardisation measure(
      Shard shard,
      Windows.Selection windows,
      WindowLimits limits,
      List<Lead> inputs,
      Standardisation.Mode mode) {
    float[] mix = NetworkConfig.mix(inputs);
    int stored = Lead.INDEPENDENT.size();
    int leads = inputs.size();
    double[] sum = new double[leads];
    double[] squares = new double[leads];
    short[][] rows = new short[stored][Windows.LENGTH];
    for (int w = 0; w < windows.size(); w++) {
      for (int k = 0; k < stored; k++) {
        shard.copy(windows.records()[w], k, windows.starts()[w], rows[k]);
      }
      for (int i = 0; i < leads; i++) {
        for (int t = 0; t < Windows.LENGTH; t++) {
          double value = 0;
          for (int k = 0; k < stored; k++) {
            value += mix[i * stored + k] * rows[k][t];
          }
          sum[i] += value;
          squares[i] += value * value;
        }
      }
    }
    double samples = (double) windows.size() * Windows.LENGTH;
    List<Float> mean = new ArrayList<>();
    List<Float> deviation = new ArrayList<>();
    List<Float> limit = new ArrayList<>();
    for (int i = 0; i < leads; i++) {
      double average = sum[i] / samples;
      double variance = squares[i] / samples - average * average;
      if (!(variance > 0)) {
        throw new TrainingException(
            "%s: lead %s is constant in all training windows; choose other inputs",
            shard.file(), inputs.get(i));
      }
      mean.add((float) (average * MILLIVOLT));
      deviation.add((float) (Math.sqrt(variance) * MILLIVOLT));
      limit.add(limits.highestMaximum(inputs.get(i)));
    }
    return new Standardisation(mode, mean, deviation, limit);
  }
}
