// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Arrays;

/**
 * What is usual in training windows: for each of the twelve leads, in the order of {@link
 * Lead#TWELVE}, the 0.1 and 99.9 percentiles of the window's largest magnitude and of its root mean
 * square, in mV.
 *
 * @param lowestMaximum {@code [12]} 0.1 percentile of max|x|
 * @param highestMaximum {@code [12]} 99.9 percentile of max|x|
 * @param lowestRms {@code [12]} 0.1 percentile of the root mean square
 * @param highestRms {@code [12]} 99.9 percentile of the root mean square
 */
public record WindowLimits(
    float[] lowestMaximum, float[] highestMaximum, float[] lowestRms, float[] highestRms) {
  private static final double LOW_PERCENT = 0.1;
  private static final double HIGH_PERCENT = 99.9;

  /**
   * Measures the limits over all usable windows of the training records.
   *
   * @param records indices of the shard's records
   * @throws IllegalArgumentException when they have no usable window
   */
  public static WindowLimits measure(Shard shard, int[] records) {
    int leads = Lead.TWELVE.size();
    int windows = 0;
    for (int record : records) {
      windows += Windows.starts(shard.record(record).length()).length;
    }
    float[][] maxima = new float[leads][windows];
    float[][] rms = new float[leads][windows];
    int count = 0;
    WindowScan scan = new WindowScan(shard);
    for (int record : records) {
      int[] starts = Windows.starts(shard.record(record).length());
      if (starts.length > 0) {
        scan.load(record);
      }
      for (int start : starts) {
        if (scan.look(start, true) == WindowScan.Verdict.USABLE) {
          for (int lead = 0; lead < leads; lead++) {
            maxima[lead][count] = scan.maxima()[lead];
            rms[lead][count] = scan.rms()[lead];
          }
          count++;
        }
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          shard.file() + ": none of " + records.length + " training records has a usable window");
    }
    WindowLimits limits =
        new WindowLimits(new float[leads], new float[leads], new float[leads], new float[leads]);
    for (int lead = 0; lead < leads; lead++) {
      Arrays.sort(maxima[lead], 0, count);
      Arrays.sort(rms[lead], 0, count);
      limits.lowestMaximum[lead] = percentile(maxima[lead], count, LOW_PERCENT);
      limits.highestMaximum[lead] = percentile(maxima[lead], count, HIGH_PERCENT);
      limits.lowestRms[lead] = percentile(rms[lead], count, LOW_PERCENT);
      limits.highestRms[lead] = percentile(rms[lead], count, HIGH_PERCENT);
    }
    return limits;
  }

  /** The largest magnitude in mV that is usual in a lead. */
  public float highestMaximum(Lead lead) {
    return highestMaximum[Lead.TWELVE.indexOf(lead)];
  }

  /** How many leads of a window lie outside in either measure. */
  int outside(float[] maxima, float[] rms) {
    int count = 0;
    for (int lead = 0; lead < lowestMaximum.length; lead++) {
      boolean inside =
          maxima[lead] >= lowestMaximum[lead]
              && maxima[lead] <= highestMaximum[lead]
              && rms[lead] >= lowestRms[lead]
              && rms[lead] <= highestRms[lead];
      count += inside ? 0 : 1;
    }
    return count;
  }

  /** Linear interpolation between order statistics, as numpy's default. */
  private static float percentile(float[] sorted, int count, double percent) {
    double position = (count - 1) * percent / 100;
    int below = (int) position;
    int above = Math.min(below + 1, count - 1);
    return (float) (sorted[below] + (position - below) * (sorted[above] - sorted[below]));
  }
}
