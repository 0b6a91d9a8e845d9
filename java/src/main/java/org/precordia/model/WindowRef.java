// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import org.precordia.data.Windows;

/**
 * A window of a record.
 *
 * @param record index of the record in its shard
 * @param start first sample
 */
public record WindowRef(int record, int start) {
  /** The windows of a selection, made when they are asked for: a large one has millions. */
  public static List<WindowRef> list(Windows.Selection selection) {
    return new Windowed(selection);
  }

  private static final class Windowed extends AbstractList<WindowRef> implements RandomAccess {
    private final Windows.Selection selection;

    Windowed(Windows.Selection selection) {
      this.selection = selection;
    }

    @Override
    public WindowRef get(int i) {
      return new WindowRef(selection.records()[i], selection.starts()[i]);
    }

    @Override
    public int size() {
      return selection.size();
    }
  }
}
