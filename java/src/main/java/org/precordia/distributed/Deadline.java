// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.time.Duration;

/** The moment until which something may take. */
record Deadline(long nanoTime) {
  static Deadline in(Duration span) {
    return new Deadline(System.nanoTime() + span.toNanos());
  }

  boolean over() {
    return nanoTime - System.nanoTime() <= 0;
  }

  /** What is left, in milliseconds; 1 where nothing is, since zero means for ever to many. */
  int milliseconds() {
    return Math.clamp((nanoTime - System.nanoTime()) / 1_000_000, 1, Integer.MAX_VALUE);
  }

  /** What is left, in whole seconds. */
  long seconds() {
    return Math.max(0, Math.ceilDiv(nanoTime - System.nanoTime(), 1_000_000_000L));
  }
}
