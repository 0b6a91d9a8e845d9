// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.Locale;

/**
 * A collective and how its time is told: the bus bandwidth is what the slowest link of a machine
 * carries with the best algorithm, so that it can be held against the link's own, for any number of
 * ranks (NVIDIA, nccl-tests, PERFORMANCE.md).
 */
enum Collective {
  ALL_REDUCE,
  ALL_GATHER,
  REDUCE_SCATTER,
  BROADCAST;

  /** Bus bandwidth over size / time; the size is that of the larger tensor. */
  double busFactor(int ranks) {
    return switch (this) {
      case ALL_REDUCE -> 2.0 * (ranks - 1) / ranks;
      case ALL_GATHER, REDUCE_SCATTER -> (double) (ranks - 1) / ranks;
      case BROADCAST -> 1;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
