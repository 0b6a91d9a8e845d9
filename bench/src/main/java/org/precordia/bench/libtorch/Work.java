// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

/** A piece of work that takes turns with others: one pass, and what it computed. */
interface Work extends AutoCloseable {
  /** Does it once; complete when this returns. */
  void run();

  /** What the last pass computed, in the order that all contestants of a task share. */
  float[] result();

  @Override
  void close();
}
