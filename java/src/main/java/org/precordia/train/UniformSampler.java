// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.precordia.data.Windows;
import org.precordia.signal.Philox;

/**
 * Records uniformly, each once before any comes again: shuffled passes, one after the other. Where
 * the window lies is for the augmentation's free crop to draw; without it, it is the record's first
 * usable one.
 */
final class UniformSampler implements Sampler {
  private final int[] records;
  private final int[] firstStart;
  private final int batch;
  private final int views;

  /**
   * Prepares the sampler.
   *
   * @param windows usable windows; records without any are never drawn
   * @param batch windows of a step
   */
  UniformSampler(Windows.Selection windows, int batch, int views) {
    int[] firsts =
        IntStream.range(0, windows.size())
            .filter(i -> i == 0 || windows.records()[i] != windows.records()[i - 1])
            .toArray();
    this.records = Arrays.stream(firsts).map(i -> windows.records()[i]).toArray();
    this.firstStart = Arrays.stream(firsts).map(i -> windows.starts()[i]).toArray();
    this.batch = batch;
    this.views = views;
  }

  @Override
  public Index draw(Philox random, int steps) {
    int[] index = new int[2 * batch * steps];
    int[] order = IntStream.range(0, records.length).toArray();
    int next = order.length;
    for (int i = 0; i < index.length; i += 2) {
      if (next == order.length) {
        PatientSplit.shuffle(order, random);
        next = 0;
      }
      index[i] = records[order[next]];
      index[i + 1] = firstStart[order[next]];
      next++;
    }
    int[][] same = new int[views][];
    Arrays.fill(same, index);
    return new Index(same);
  }
}
