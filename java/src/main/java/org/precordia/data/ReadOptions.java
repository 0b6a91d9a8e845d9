// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.List;

/**
 * What a reader is told that a file does not say. Formats that say it themselves ignore it.
 *
 * @param rate sampling rate in Hz, or 0 when the file has a column of times
 * @param unit unit of columns whose names have none, or empty
 * @param columns names of the columns of a file without a header row, or empty
 */
public record ReadOptions(double rate, String unit, List<String> columns) {
  /** Everything is in the file. */
  public static final ReadOptions NONE = new ReadOptions(0, "", List.of());

  public ReadOptions {
    columns = List.copyOf(columns);
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("sampling rate must be positive, was " + rate);
    }
    if (!unit.isEmpty() && VoltageUnit.millivolts(unit).isEmpty()) {
      throw new IllegalArgumentException(
          "unit \"" + unit + "\" is not understood: V, mV, uV and nV are");
    }
  }
}
