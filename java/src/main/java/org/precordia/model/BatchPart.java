// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

/**
 * The windows of a batch that are gathered here; other ranks gather the others.
 *
 * @param windows windows of the batch
 * @param begin first window that is gathered here
 * @param end behind the last one
 */
public record BatchPart(int windows, int begin, int end) {
  public BatchPart {
    if (begin < 0 || end <= begin || windows < end) {
      throw new IllegalArgumentException(
          "[%d, %d) is no part of a batch of %d windows".formatted(begin, end, windows));
    }
  }

  /** A whole batch. */
  public static BatchPart whole(int windows) {
    return new BatchPart(windows, 0, windows);
  }

  /** How many windows are gathered here. */
  public int count() {
    return end - begin;
  }
}
