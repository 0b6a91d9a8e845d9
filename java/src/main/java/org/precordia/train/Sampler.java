// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.List;
import org.precordia.data.ReadAhead;
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
