// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.List;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.Tensor;

/** Samples that lie where the device reads them, all of them. */
final class ResidentFeed implements WindowFeed {
  private final Tensor samples;

  ResidentFeed(Tensor samples) {
    this.samples = samples;
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public void attach(GatherAugmentOp gather, int slot, int view, int from, int to) {
    gather.samples(samples);
  }

  @Override
  public void begin(List<int[]> views, long seed, long epoch, int first, int end) {}

  @Override
  public int next() {
    return 0;
  }

  @Override
  public void launched() {}

  @Override
  public void close() {}
}
