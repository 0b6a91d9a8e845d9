// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.data.WindowLimits;
import org.precordia.data.Windows;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Standardisation;

/** Mean and deviation of each input lead over training windows, in mV. */
final class InputStatistics {
  private static final double MILLIVOLT = 1e-3;

  /** Windows that one task sums. */
  private static final int TASK = 1 << 12;

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
    int leads = inputs.size();
    // Moments of whole and half microvolts are exact, so the sum does not depend on its order.
    double[] moments =
        IntStream.range(0, (windows.size() + TASK - 1) / TASK)
            .parallel()
            .mapToObj(
                task ->
                    moments(
                        shard,
                        windows,
                        task * TASK,
                        Math.min((task + 1) * TASK, windows.size()),
                        NetworkConfig.mix(inputs)))
            .reduce(new double[2 * leads], InputStatistics::sum);
    double samples = (double) windows.size() * Windows.LENGTH;
    List<Float> mean = new ArrayList<>();
    List<Float> deviation = new ArrayList<>();
    List<Float> limit = new ArrayList<>();
    for (int i = 0; i < leads; i++) {
      double average = moments[2 * i] / samples;
      double variance = moments[2 * i + 1] / samples - average * average;
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

  private static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  /** For each lead the sum in µV and that of the squares, over some of the windows. */
  private static double[] moments(
      Shard shard, Windows.Selection windows, int from, int to, float[] mix) {
    int stored = Lead.INDEPENDENT.size();
    double[] moments = new double[2 * (mix.length / stored)];
    short[][] rows = new short[stored][Windows.LENGTH];
    double[] lead = new double[Windows.LENGTH];
    for (int w = from; w < to; w++) {
      for (int k = 0; k < stored; k++) {
        shard.copy(windows.records()[w], k, windows.starts()[w], rows[k]);
      }
      for (int i = 0; i < moments.length; i += 2) {
        Arrays.fill(lead, 0);
        for (int k = 0; k < stored; k++) {
          float weight = mix[i / 2 * stored + k];
          for (int t = 0; weight != 0 && t < Windows.LENGTH; t++) {
            lead[t] += weight * rows[k][t];
          }
        }
        double sum = 0;
        double squares = 0;
        for (double value : lead) {
          sum += value;
          squares += value * value;
        }
        moments[i] += sum;
        moments[i + 1] += squares;
      }
    }
    return moments;
  }
}
