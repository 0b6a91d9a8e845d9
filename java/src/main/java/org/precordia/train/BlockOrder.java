// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.data.ReadAhead;
import org.precordia.data.Shard;
import org.precordia.signal.Philox;

/**
 * Shuffled passes over records that read the disk in long stretches: the records are cut into
 * blocks, contiguous on the disk; a pass takes the blocks in shuffled order, a pool of them at a
 * time, and shuffles the records of the pool.
 */
final class BlockOrder {
  /** Most bytes of a block. */
  static final long BLOCK_BYTES = 4L << 20;

  /** Blocks that are mixed. */
  static final int POOL = 32;

  private final List<ReadAhead.Block> blocks = new ArrayList<>();

  /** Position of each block's first record, and the number of records. */
  private final int[] firsts;

  private final int pool;

  /**
   * Cuts records into blocks.
   *
   * @param records ascending
   * @param blockBytes most bytes of a block; a longer record is a block by itself
   * @param pool blocks that are mixed
   */
  BlockOrder(Shard shard, int[] records, long blockBytes, int pool) {
    this.pool = pool;
    List<Integer> starts = new ArrayList<>();
    int first = 0;
    for (int i = 1; i <= records.length; i++) {
      boolean ends =
          i == records.length
              || shard.partOf(records[i]) != shard.partOf(records[first])
              || bytes(shard, records[first], records[i]) > blockBytes;
      if (ends) {
        starts.add(first);
        blocks.add(new ReadAhead.Block(records[first], records[i - 1] + 1));
        first = i;
      }
    }
    starts.add(records.length);
    firsts = starts.stream().mapToInt(start -> start).toArray();
  }

  /** Bytes from the beginning of one record to the end of another. */
  private static long bytes(Shard shard, int first, int last) {
    long samples = (long) Lead.INDEPENDENT.size() * shard.length(last);
    return (shard.offset(last) - shard.offset(first) + samples) * Short.BYTES;
  }

  /** The blocks, in the order of the disk. */
  List<ReadAhead.Block> blocks() {
    return blocks;
  }

  /**
   * Draws a pass.
   *
   * @param order receives positions in the records, each once
   * @param entry number of the pass's first entry
   * @param groups receives a group for every pool
   */
  void draw(Philox random, int[] order, long entry, List<ReadAhead.Group> groups) {
    int[] shuffled = IntStream.range(0, blocks.size()).toArray();
    PatientSplit.shuffle(shuffled, random);
    int at = 0;
    for (int from = 0; from < shuffled.length; from += pool) {
      int to = Math.min(from + pool, shuffled.length);
      int[] mixed =
          IntStream.range(from, to)
              .map(i -> shuffled[i])
              .flatMap(block -> IntStream.range(firsts[block], firsts[block + 1]))
              .toArray();
      PatientSplit.shuffle(mixed, random);
      System.arraycopy(mixed, 0, order, at, mixed.length);
      at += mixed.length;
      List<ReadAhead.Block> used =
          IntStream.range(from, to).mapToObj(i -> blocks.get(shuffled[i])).toList();
      groups.add(new ReadAhead.Group(entry + at, used));
    }
  }
}
