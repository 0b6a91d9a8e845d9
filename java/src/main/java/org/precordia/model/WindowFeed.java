// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.List;
import org.precordia.runtime.GatherAugmentOp;

/**
 * Gives gathers the samples of one batch of windows after the other. Samples that lie on the device
 * are there for every batch; others are staged, in turn, in one of several slots. One thread at a
 * time.
 *
 * <pre>{@code
 * feed.begin(views, seed, epoch, 0, batches);
 * for (int i = 0; i < batches; i++) {
 *   int slot = feed.next();   // gathers that were attached to this slot find their samples
 *   // run them
 *   feed.launched();
 * }
 * }</pre>
 */
public interface WindowFeed extends AutoCloseable {
  /** Number of places that a batch's samples may lie in. */
  int slots();

  /**
   * Lets a gather read from a slot.
   *
   * @param view number of the view that it gathers
   * @param from first window that it gathers, of those of the batch that are gathered here
   * @param to end of its windows
   */
  void attach(GatherAugmentOp gather, int slot, int view, int from, int to);

  /**
   * Begins with batches of an index.
   *
   * @param views for each view record, start, record, start, ..., as uploaded
   * @param seed key of the gathers' random numbers
   * @param epoch epoch of the gathers' step state
   * @param first number of the first batch; batch i has the windows from i times the batch's size
   *     on
   * @param end number behind the last batch
   */
  void begin(List<int[]> views, long seed, long epoch, int first, int end);

  /**
   * Makes the next batch's samples those that follow on the compute stream.
   *
   * @return the slot that they lie in
   */
  int next();

  /** Tells that all gathers of the batch are on the compute stream. */
  void launched();

  @Override
  void close();
}
