// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processors of a machine shared by its ranks. */
class ProcessorsTest {
  @ParameterizedTest
  @CsvSource({
    "64, 64, 1, 64",
    "64, 64, 4, 16",
    // Bound to a socket each, or to a core each.
    "16, 64, 4, 16",
    "1, 2, 2, 1",
    // A part of the machine, shared by all: not bound.
    "32, 64, 4, 8",
    // More ranks than processors.
    "2, 2, 4, 1"
  })
  void aRankTakesItsShare(int usable, int installed, int localRanks, int threads) {
    assertEquals(threads, Processors.share(usable, installed, localRanks));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"0;1", "0-3;4", "0-3,8,10-11;7"})
  void processorsAreCounted(String list, int count) {
    assertEquals(count, Processors.count(list));
  }
}
