// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Arrays;
import java.util.stream.IntStream;

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

  /** Records that one task measures. */
  private static final int TASK = 1 << 10;

  /**
   * Measures the limits over all usable windows of the training records, or of every k-th of them
   * where there are more than {@link Windows#MOST_MEASURED} windows: percentiles need every value
   * in memory, and a million values place these to within 3 % of the share beyond them.
   *
   * @param records indices of the shard's records, ascending
   * @throws IllegalArgumentException when they have no usable window
   */
  public static WindowLimits measure(Shard shard, int[] records) {
    long all = IntStream.of(records).mapToLong(i -> Windows.count(shard.length(i))).sum();
    int step = Math.max(1, Windows.stride(all, Windows.MOST_MEASURED));
    int[] chosen =
        IntStream.range(0, (records.length + step - 1) / step)
            .map(i -> records[i * step])
            .toArray();
    int[] first = new int[chosen.length + 1];
    for (int i = 0; i < chosen.length; i++) {
      first[i + 1] = Math.addExact(first[i], Windows.count(shard.length(chosen[i])));
    }
    int leads = Lead.TWELVE.size();
    // What is not measured stays at the end when the values are sorted.
    float[][] maxima = unmeasured(leads, first[chosen.length]);
    float[][] rms = unmeasured(leads, first[chosen.length]);
    int count =
        IntStream.range(0, (chosen.length + TASK - 1) / TASK)
            .parallel()
            .map(
                task -> {
                  WindowScan scan = new WindowScan(shard);
                  int usable = 0;
                  int end = Math.min((task + 1) * TASK, chosen.length);
                  for (int i = task * TASK; i < end; i++) {
                    usable += measure(scan, shard, chosen[i], first[i], maxima, rms);
                  }
                  shard.passed(chosen[task * TASK], chosen[end - 1] + 1);
                  return usable;
                })
            .sum();
    if (count == 0) {
      throw new IllegalArgumentException(
          shard.file() + ": none of " + records.length + " training records has a usable window");
    }
    WindowLimits limits =
        new WindowLimits(new float[leads], new float[leads], new float[leads], new float[leads]);
    for (int lead = 0; lead < leads; lead++) {
      Arrays.parallelSort(maxima[lead]);
      Arrays.parallelSort(rms[lead]);
      limits.lowestMaximum[lead] = percentile(maxima[lead], count, LOW_PERCENT);
      limits.highestMaximum[lead] = percentile(maxima[lead], count, HIGH_PERCENT);
      limits.lowestRms[lead] = percentile(rms[lead], count, LOW_PERCENT);
      limits.highestRms[lead] = percentile(rms[lead], count, HIGH_PERCENT);
    }
    return limits;
  }

  private static float[][] unmeasured(int leads, int windows) {
    float[][] values = new float[leads][windows];
    for (float[] row : values) {
      Arrays.fill(row, Float.POSITIVE_INFINITY);
    }
    return values;
  }

  /** Measures the usable windows of a record from a place on; returns how many. */
  private static int measure(
      WindowScan scan, Shard shard, int record, int place, float[][] maxima, float[][] rms) {
    int[] starts = Windows.starts(shard.length(record));
    if (starts.length > 0) {
      scan.load(record);
    }
    int usable = 0;
    for (int start : starts) {
      if (scan.look(start, true) == WindowScan.Verdict.USABLE) {
        for (int lead = 0; lead < maxima.length; lead++) {
          maxima[lead][place + usable] = scan.maxima()[lead];
          rms[lead][place + usable] = scan.rms()[lead];
        }
        usable++;
      }
    }
    return usable;
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
