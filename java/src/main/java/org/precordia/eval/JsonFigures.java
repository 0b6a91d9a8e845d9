// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Figures as JSON: what is not defined is {@code null}, never absent. */
public final class JsonFigures {
  private JsonFigures() {}

  /** Writes a number; {@code null} unless it is finite. */
  public static void number(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }

  /** Writes an interval as [low, high]; {@code null} where there is none. */
  public static void interval(ObjectNode json, String key, Interval interval) {
    if (interval == null) {
      json.putNull(key);
    } else {
      json.putArray(key).add(interval.low()).add(interval.high());
    }
  }
}
