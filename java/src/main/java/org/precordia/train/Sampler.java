// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.precordia.data.ReadAhead;
import org.precordia.model.BatchPart;
import org.precordia.signal.Philox;

/**
 * Draws the windows of an epoch. The result is a function of seed, stage and epoch alone, so that a
 * run can go on from any checkpoint.
 */
interface Sampler {
  /** Names these streams among those of a seed. */
  int STREAM = 0x534D504C;

  /**
   * Windows of an epoch, as the device reads them.
   *
   * @param views for each view record, start, record, start, ...; all of one length
   * @param groups which blocks of the data entries lie in, or empty when they may lie anywhere
   */
  record Index(int[][] views, List<ReadAhead.Group> groups) {
    /**
     * The same groups with those records alone that a part of every step's windows lies in.
     *
     * @param part of the windows of a step
     */
    List<ReadAhead.Group> groups(BatchPart part) {
      if (part.count() == part.windows()) {
        return groups;
      }
      List<ReadAhead.Group> own = new ArrayList<>();
      int entry = 0;
      for (ReadAhead.Group group : groups) {
        BitSet records = new BitSet();
        for (; entry < Math.min(group.end(), entries()); entry++) {
          int place = entry % part.windows();
          if (place >= part.begin() && place < part.end()) {
            records.set(views[0][2 * entry]);
          }
        }
        own.add(new ReadAhead.Group(group.end(), blocks(records, group.blocks())));
      }
      return own;
    }

    /** Stretches of records, none of which reaches beyond one of some blocks. */
    private static List<ReadAhead.Block> blocks(BitSet records, List<ReadAhead.Block> within) {
      List<ReadAhead.Block> blocks = new ArrayList<>();
      for (ReadAhead.Block block : within) {
        int from = records.nextSetBit(block.from());
        while (from >= 0 && from < block.to()) {
          int to = Math.min(records.nextClearBit(from), block.to());
          blocks.add(new ReadAhead.Block(from, to));
          from = records.nextSetBit(to);
        }
      }
      return blocks;
    }

    /** Number of windows. */
    int entries() {
      return views[0].length / 2;
    }
  }

  /**
   * Draws an epoch.
   *
   * @param random the epoch's own stream
   * @param steps steps of the epoch
   */
  Index draw(Philox random, int steps);

  /** The stream of an epoch. */
  static Philox stream(long seed, int stage, int epoch) {
    return new Philox(seed, epoch, stage, STREAM);
  }

  /** The sampler of a stage. */
  static Sampler of(StageConfig stage, TrainingData data, ReadingOrder order) {
    return stage.sampler().balanced()
        ? new BalancedSampler(stage, data)
        : new UniformSampler(
            data.shard(), data.learning(), stage.sampler().windows(), stage.views().size(), order);
  }
}
