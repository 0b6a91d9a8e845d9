// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.ReadAhead;
import org.precordia.data.Shard;
import org.precordia.data.Windows;
import org.precordia.signal.Philox;

class BlockOrderTest {
  private static final int BLOCK = 50_000;
  private static final int POOL = 3;

  @TempDir static Path folder;
  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    // Records of 16,000 bytes, eleven to a file.
    shard = TrainingShard.prepareParts(folder, 60, 180_000);
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  private static int[] records() {
    return IntStream.range(0, shard.records()).filter(i -> i % 7 != 3).toArray();
  }

  @Test
  void blocksCoverTheRecordsWithinFilesAndSize() {
    int[] records = records();
    List<ReadAhead.Block> blocks = new BlockOrder(shard, records, BLOCK, POOL).blocks();
    int covered = 0;
    int last = 0;
    for (ReadAhead.Block block : blocks) {
      assertTrue(block.from() >= last, "in the order of the disk");
      last = block.to();
      assertEquals(shard.partOf(block.from()), shard.partOf(block.to() - 1));
      assertTrue(16_000L * (block.to() - block.from()) <= BLOCK + 64);
      covered +=
          (int) IntStream.of(records).filter(r -> r >= block.from() && r < block.to()).count();
    }
    assertEquals(records.length, covered);
    assertTrue(blocks.size() > 4 * POOL);
  }

  @Test
  void aPassHasEveryRecordOnceInsideItsGroupsBlocks() {
    int[] records = records();
    BlockOrder order = new BlockOrder(shard, records, BLOCK, POOL);
    int[] drawn = new int[records.length];
    List<ReadAhead.Group> groups = new ArrayList<>();
    order.draw(new Philox(1, 0, 0, 0), drawn, 1000, groups);
    assertArrayEquals(
        IntStream.range(0, records.length).toArray(), IntStream.of(drawn).sorted().toArray());
    assertEquals(1000 + records.length, groups.getLast().end());
    long at = 1000;
    for (ReadAhead.Group group : groups) {
      assertTrue(group.blocks().size() <= POOL);
      for (; at < group.end(); at++) {
        int record = records[drawn[(int) at - 1000]];
        assertTrue(
            group.blocks().stream().anyMatch(b -> record >= b.from() && record < b.to()),
            "record " + record);
      }
    }
  }

  private static int[] draw(long seed, int epoch) {
    BlockOrder order = new BlockOrder(shard, records(), BLOCK, POOL);
    int[] drawn = new int[records().length];
    order.draw(Sampler.stream(seed, 0, epoch), drawn, 0, new ArrayList<>());
    return drawn;
  }

  @Test
  void seedAndEpochDecideTheOrder() {
    assertArrayEquals(draw(1, 4), draw(1, 4));
    assertFalse(Arrays.equals(draw(1, 4), draw(1, 5)));
    assertFalse(Arrays.equals(draw(1, 4), draw(2, 4)));
  }

  @Test
  void aPoolIsMixed() {
    int[] drawn = draw(3, 0);
    int neighbours = 0;
    for (int i = 1; i < drawn.length; i++) {
      neighbours += drawn[i] == drawn[i - 1] + 1 ? 1 : 0;
    }
    assertTrue(neighbours < drawn.length / 3, neighbours + " of " + drawn.length);
  }

  @Test
  void aSamplerDrawsPassesThatItsGroupsCover() {
    int[] all = IntStream.range(0, shard.records()).toArray();
    Windows.Selection windows = Windows.forEvaluation(shard, all);
    UniformSampler sampler = new UniformSampler(shard, windows, 8, 2, ReadingOrder.BLOCKS);
    Sampler.Index index = sampler.draw(Sampler.stream(1, 0, 0), 20);
    assertEquals(160, index.entries());
    assertTrue(index.groups().getLast().end() >= 160);
    int[] first = new int[60];
    for (int i = 0; i < 60; i++) {
      first[i] = index.views()[1][2 * i];
    }
    assertArrayEquals(all, IntStream.of(first).sorted().toArray());
    assertEquals(
        List.of(),
        new UniformSampler(shard, windows, 8, 2, ReadingOrder.RECORDS)
            .draw(Sampler.stream(1, 0, 0), 20)
            .groups());
  }

  @Test
  void readingAheadChangesNoSampleWhereverItBegins() throws IOException {
    List<ReadAhead.Group> groups = new ArrayList<>();
    BlockOrder order = new BlockOrder(shard, records(), BLOCK, POOL);
    int[] drawn = new int[records().length];
    for (int pass = 0; pass < 3; pass++) {
      order.draw(Sampler.stream(1, 0, pass), drawn, (long) pass * drawn.length, groups);
    }
    float[][] before = shard.millivolts(5);
    try (ReadAhead ahead = new ReadAhead(shard, 4)) {
      for (int first : new int[] {0, 17, 2 * drawn.length + 1, 3 * drawn.length}) {
        ahead.begin(groups, first);
        for (int entry = first; entry <= 3 * drawn.length; entry += 5) {
          ahead.reached(entry);
        }
        assertTrue(ahead.secondsWaited() >= 0);
      }
      ahead.begin(List.of(), 0);
      ahead.reached(100);
    }
    assertArrayEquals(before, shard.millivolts(5));
  }

  @Test
  void blocksAreForDataBeyondHalfOfTheMemory() {
    assertEquals(ReadingOrder.RECORDS, ReadingOrder.of(50, 100));
    assertEquals(ReadingOrder.BLOCKS, ReadingOrder.of(51, 100));
    assertEquals(ReadingOrder.RECORDS, ReadingOrder.AUTO.on(shard));
    assertEquals(ReadingOrder.BLOCKS, ReadingOrder.BLOCKS.on(shard));
    assertTrue(ReadingOrder.memory() > 1 << 26);
  }
}
