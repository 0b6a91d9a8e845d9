// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.ReadAhead;
import org.precordia.data.Shard;
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

  /** How a pass is shuffled, or null when any order is as likely as any other. */
  private final BlockOrder blocks;

  /**
   * Prepares the sampler.
   *
   * @param windows usable windows; records without any are never drawn
   * @param batch windows of a step
   */
  UniformSampler(Shard shard, Windows.Selection windows, int batch, int views, ReadingOrder order) {
    int[] firsts = windows.firsts();
    this.records = Arrays.stream(firsts).map(i -> windows.records()[i]).toArray();
    this.firstStart = Arrays.stream(firsts).map(i -> windows.starts()[i]).toArray();
    this.batch = batch;
    this.views = views;
    this.blocks =
        order == ReadingOrder.BLOCKS
            ? new BlockOrder(shard, records, BlockOrder.BLOCK_BYTES, BlockOrder.POOL)
            : null;
  }

  @Override
  public Index draw(Philox random, int steps) {
    int[] index = new int[Math.multiplyExact(2 * batch, steps)];
    int[] order = IntStream.range(0, records.length).toArray();
    List<ReadAhead.Group> groups = new ArrayList<>();
    int next = order.length;
    for (int i = 0; i < index.length; i += 2) {
      if (next == order.length) {
        shuffle(random, order, i / 2, groups);
        next = 0;
      }
      index[i] = records[order[next]];
      index[i + 1] = firstStart[order[next]];
      next++;
    }
    int[][] same = new int[views][];
    Arrays.fill(same, index);
    return new Index(same, groups);
  }

  private void shuffle(Philox random, int[] order, int entry, List<ReadAhead.Group> groups) {
    if (blocks == null) {
      PatientSplit.shuffle(order, random);
    } else {
      blocks.draw(random, order, entry, groups);
    }
  }
}
