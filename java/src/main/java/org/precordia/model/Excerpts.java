// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.Shard;

/**
 * Cuts out of a shard what the gathers of a batch will read: for each window of each view all
 * stored leads, from its first sample less the view's margin to its last plus the margin.
 */
final class Excerpts {
  /** Numbers that describe an excerpt: offset, first sample, number of samples. */
  static final int NUMBERS = 3;

  private static final int LEADS = Lead.INDEPENDENT.size();

  private final Shard shard;
  private final List<WindowReach> views;
  private final int window;
  private final BatchPart part;
  private final int capacity;

  /** Which batches there are. */
  record Epoch(List<int[]> views, long seed, long epoch) {}

  /**
   * @param views reach of each view's gathers
   * @param window samples of a window
   * @param part windows of a batch, in each view
   */
  Excerpts(Shard shard, List<WindowReach> views, int window, BatchPart part) {
    this.shard = shard;
    this.views = List.copyOf(views);
    this.window = window;
    this.part = part;
    int longest = 1;
    for (int i = 0; i < shard.records(); i++) {
      longest = Math.max(longest, shard.length(i));
    }
    int largest = 0;
    for (WindowReach view : views) {
      largest = Math.max(largest, view.capacity(window, longest));
    }
    capacity = largest;
  }

  /** Excerpts of a batch: view after view, window after window. */
  int rows() {
    return views.size() * part.count();
  }

  /** Row of a view's window. */
  int row(int view, int i) {
    return view * part.count() + i;
  }

  /** Samples that a batch takes at most. */
  long samples() {
    return (long) rows() * LEADS * capacity;
  }

  /**
   * Copies a batch's excerpts.
   *
   * @param number which batch of the epoch
   * @param samples int16 [{@link #samples}]
   * @param table int64 [{@link #rows}, {@value #NUMBERS}]
   */
  void copy(Epoch epoch, int number, MemorySegment samples, MemorySegment table) {
    for (int view = 0; view < views.size(); view++) {
      int[] index = epoch.views.get(view);
      for (int i = 0; i < part.count(); i++) {
        long place = (long) number * part.windows() + part.begin() + i;
        int entry = (int) (place % (index.length / 2));
        int record = index[2 * entry];
        int length = shard.length(record);
        int start =
            views
                .get(view)
                .start(index[2 * entry + 1], epoch.seed, epoch.epoch, view, entry, length, window);
        int margin = views.get(view).margin();
        int first = Math.clamp((long) start - margin, 0, length - 1);
        int end = Math.clamp((long) start + window + margin, first + 1, length);
        copy(record, first, end - first, row(view, i), samples, table);
      }
    }
  }

  private void copy(
      int record, int first, int count, int row, MemorySegment samples, MemorySegment table) {
    long offset = (long) row * LEADS * capacity;
    for (int lead = 0; lead < LEADS; lead++) {
      shard.copy(record, lead, first, count, samples, (offset + (long) lead * count) * Short.BYTES);
    }
    long at = (long) row * NUMBERS;
    table.setAtIndex(ValueLayout.JAVA_LONG, at, offset);
    table.setAtIndex(ValueLayout.JAVA_LONG, at + 1, first);
    table.setAtIndex(ValueLayout.JAVA_LONG, at + 2, count);
  }
}
