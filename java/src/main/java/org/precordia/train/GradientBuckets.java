// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterLayout;
import org.precordia.model.ParameterLayout.Range;

/**
 * Cuts a flat gradient into stretches to be summed over ranks, as soon as backward has written
 * them: neighbours that are written are joined until they have a least size, so that few sums are
 * large rather than many small. The cut depends on the order of backward alone, which is that of
 * all ranks.
 */
final class GradientBuckets {
  private final ParameterLayout layout;
  private final List<ParameterGroup> groups;
  private final long least;
  private final Consumer<Range> sum;
  private final State[] states;
  private boolean held;

  private enum State {
    OPEN,
    WRITTEN,
    SUMMED
  }

  /**
   * Begins with nothing written.
   *
   * @param range what is trained
   * @param least elements of a stretch that is summed before all is written
   * @param sum begins to sum a stretch
   */
  GradientBuckets(ParameterLayout layout, Range range, long least, Consumer<Range> sum) {
    this.layout = layout;
    this.least = least;
    this.sum = sum;
    groups =
        layout.groups().stream()
            .filter(group -> layout.range(group).begin() >= range.begin())
            .filter(group -> layout.range(group).end() <= range.end())
            .toList();
    states = new State[groups.size()];
    Arrays.fill(states, State.OPEN);
  }

  /** Whether what is written will be written again, so that it cannot be summed yet. */
  void hold(boolean on) {
    held = on;
  }

  /** Takes note that a group's gradient is complete. */
  void written(ParameterGroup group) {
    int at = groups.indexOf(group);
    if (held || at < 0) {
      return;
    }
    states[at] = State.WRITTEN;
    int from = at;
    int to = at + 1;
    while (from > 0 && states[from - 1] == State.WRITTEN) {
      from--;
    }
    while (to < states.length && states[to] == State.WRITTEN) {
      to++;
    }
    if (end(to - 1) - begin(from) >= least) {
      begin(from, to);
    }
  }

  /** Sums what is left, and begins anew with nothing written. */
  void finish() {
    for (int from = 0; from < states.length; from++) {
      if (states[from] == State.OPEN) {
        throw new IllegalStateException("backward wrote no gradient of " + groups.get(from));
      }
      int to = from;
      while (to < states.length && states[to] == State.WRITTEN) {
        to++;
      }
      if (to > from) {
        begin(from, to);
      }
    }
    Arrays.fill(states, State.OPEN);
  }

  private void begin(int from, int to) {
    sum.accept(new Range(begin(from), end(to - 1)));
    Arrays.fill(states, from, to, State.SUMMED);
  }

  private long begin(int group) {
    return layout.range(groups.get(group)).begin();
  }

  private long end(int group) {
    return layout.range(groups.get(group)).end();
  }
}
