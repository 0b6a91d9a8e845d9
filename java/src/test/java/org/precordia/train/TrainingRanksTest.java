// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.data.ReadAhead;
import org.precordia.model.BatchPart;

/** How a batch is shared, and what a batch that cannot be is answered with. */
class TrainingRanksTest {
  private static String refusal(int windows, int ranks, int chunks) {
    return assertThrows(
            TrainingException.class,
            () -> TrainingRanks.requireShare("joint", windows, ranks, chunks))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource({"128, 1, 1", "128, 4, 2", "240, 3, 5", "6, 6, 1"})
  void whatDividesIsShared(int windows, int ranks, int chunks) {
    TrainingRanks.requireShare("joint", windows, ranks, chunks);
  }

  @Test
  void theMessageNamesWhatWouldDo() {
    assertTrue(
        refusal(128, 3, 1).contains("take 2 or 4 ranks, or 126 or 129 windows a step"),
        refusal(128, 3, 1));
    assertTrue(refusal(128, 3, 2).contains("3 ranks of 2 chunks each do not"), refusal(128, 3, 2));
    assertTrue(refusal(4, 7, 1).contains("take 4 ranks, or 7 windows a step"), refusal(4, 7, 1));
    assertTrue(refusal(10, 2, 3).contains("take --accumulate that divides 10"), refusal(10, 2, 3));
    assertTrue(refusal(128, 1, 3).contains("which 3 chunks do not divide"), refusal(128, 1, 3));
  }

  @Test
  void oneRankHasTheWholeBatch() {
    assertEquals(BatchPart.whole(10), TrainingRanks.single().part(10));
    assertThrows(IllegalArgumentException.class, () -> new BatchPart(4, 2, 5));
  }

  @Test
  void aRankReadsItsOwnRecordsOfABlockAlone() {
    // Four windows a step; two groups of two steps each, over two blocks.
    int[] entries = {7, 0, 1, 0, 3, 0, 9, 0, 2, 0, 0, 0, 8, 0, 6, 0};
    ReadAhead.Block low = new ReadAhead.Block(0, 5);
    ReadAhead.Block high = new ReadAhead.Block(5, 10);
    Sampler.Index index =
        new Sampler.Index(
            new int[][] {entries},
            List.of(
                new ReadAhead.Group(4, List.of(high, low)),
                new ReadAhead.Group(8, List.of(low, high))));
    assertEquals(index.groups(), index.groups(BatchPart.whole(4)));
    // The first rank has entries 0, 1, 4, 5: records 7, 1 and 2, 0.
    assertEquals(
        List.of(
            new ReadAhead.Group(4, List.of(new ReadAhead.Block(7, 8), new ReadAhead.Block(1, 2))),
            new ReadAhead.Group(8, List.of(new ReadAhead.Block(0, 1), new ReadAhead.Block(2, 3)))),
        index.groups(new BatchPart(4, 0, 2)));
    // The second one has 2, 3, 6, 7: records 3, 9 and 8, 6.
    assertEquals(
        List.of(
            new ReadAhead.Group(4, List.of(new ReadAhead.Block(9, 10), new ReadAhead.Block(3, 4))),
            new ReadAhead.Group(8, List.of(new ReadAhead.Block(6, 7), new ReadAhead.Block(8, 9)))),
        index.groups(new BatchPart(4, 2, 4)));
  }
}
