// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Brings blocks of records from the disk into memory before they are used, by a thread of its own,
 * and lets go of them afterwards, so that little of a large data set is resident. Reading anything
 * else is possible at any time, and as slow as the disk.
 *
 * <p>Entries, such as the windows of an epoch, come in groups; the entries of a group use that
 * group's blocks. While one group is used, the next one is being read. For one thread.
 */
public final class ReadAhead implements AutoCloseable {
  private final Shard shard;
  private final int lead;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("precordia-read-ahead").factory());
  private List<Group> groups = List.of();
  private Future<?>[] loads = {};

  /** First group that is not behind, the one that is waited for, and the end of those loaded. */
  private int oldest;

  private int current;
  private int asked;
  private long waited;

  /**
   * Consecutive records of one file.
   *
   * @param from first record
   * @param to record behind the last
   */
  public record Block(int from, int to) {}

  /**
   * Entries that use some blocks.
   *
   * @param end number behind the group's last entry
   * @param blocks what they use
   */
  public record Group(long end, List<Block> blocks) {
    public Group {
      blocks = List.copyOf(blocks);
    }
  }

  /**
   * @param shard must stay open until this is closed
   * @param lead entries that are used, at most, before {@link #reached} is told of them
   */
  public ReadAhead(Shard shard, int lead) {
    this.shard = shard;
    this.lead = lead;
  }

  /**
   * Begins with a sequence of groups; returns when the first blocks needed are in memory.
   *
   * @param sequence groups in order
   * @param entry the entry to go on with
   */
  public void begin(List<Group> sequence, long entry) {
    settle();
    release(oldest, asked, Set.of());
    groups = List.copyOf(sequence);
    loads = new Future<?>[groups.size()];
    oldest = 0;
    while (oldest < groups.size() && groups.get(oldest).end <= entry) {
      oldest++;
    }
    current = oldest - 1;
    asked = oldest;
    reached(entry);
    waited = 0;
  }

  /**
   * Tells how far use has come. Waits until what is used next is in memory, which takes time only
   * where the disk is slower than the use.
   *
   * @param entry entries before this one are not used any more
   */
  public void reached(long entry) {
    while (current < oldest
        || current + 1 < groups.size() && groups.get(current).end < entry + lead) {
      if (current + 1 >= groups.size()) {
        break;
      }
      current++;
      ask(current);
      ask(current + 1);
      await(loads[current]);
    }
    int behind = oldest;
    while (behind < current && groups.get(behind).end <= entry) {
      behind++;
    }
    if (behind > oldest) {
      Set<Block> kept = new HashSet<>();
      groups.subList(behind, asked).forEach(group -> kept.addAll(group.blocks));
      release(oldest, behind, kept);
      oldest = behind;
    }
  }

  /** Seconds that {@link #reached} has waited for the disk since {@link #begin}. */
  public double secondsWaited() {
    return waited / 1e9;
  }

  private void ask(int group) {
    if (group < groups.size() && group >= asked) {
      List<Block> blocks = groups.get(group).blocks;
      loads[group] = thread.submit(() -> blocks.forEach(block -> samples(block).load()));
      asked = group + 1;
    }
  }

  private void release(int from, int to, Set<Block> kept) {
    for (Group group : groups.subList(from, Math.max(from, to))) {
      for (Block block : group.blocks) {
        if (!kept.contains(block)) {
          samples(block).unload();
        }
      }
    }
  }

  private MemorySegment samples(Block block) {
    return shard.samples(block.from, block.to);
  }

  private void await(Future<?> load) {
    long start = System.nanoTime();
    try {
      load.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for blocks to be read", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(shard.file() + ": blocks could not be read", e.getCause());
    }
    waited += System.nanoTime() - start;
  }

  private void settle() {
    Arrays.stream(loads).filter(load -> load != null && !load.isDone()).forEach(this::await);
  }

  /** Waits for the reading in progress and lets go of what is in memory. */
  @Override
  public void close() {
    thread.close();
    release(oldest, asked, Set.of());
  }
}
