// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.precordia.data.Shard;

/** In which order the records of a pass are drawn, where they are drawn uniformly. */
public enum ReadingOrder {
  /**
   * {@link #BLOCKS} for samples that exceed half of the machine's memory, else {@link #RECORDS}.
   */
  AUTO,
  /** Every order of the records is equally likely. */
  RECORDS,
  /** Blocks that are contiguous on the disk in shuffled order, several mixed at a time. */
  BLOCKS;

  /** Share of the machine's memory up to which samples are expected to stay in memory. */
  private static final double SHARE = 0.5;

  /** The order that this means for a data set on this machine. */
  ReadingOrder on(Shard shard) {
    return this == AUTO ? of(shard.sampleBytes(), memory()) : this;
  }

  /**
   * Says in which order records are read.
   *
   * @param balanced whether a stage draws by class
   */
  String sentence(Shard shard, boolean balanced) {
    String samples =
        "%,.1f MiB of samples on a machine with %,.0f MiB of memory: records are read "
            .formatted(shard.sampleBytes() / 0x1p20, memory() / 0x1p20);
    if (this != BLOCKS) {
      return samples + "in any order";
    }
    String blocks =
        "in shuffled blocks of %d MiB, %d of them mixed at a time"
            .formatted(BlockOrder.BLOCK_BYTES >> 20, BlockOrder.POOL);
    return samples
        + blocks
        + (balanced ? "; stages balanced by class read wherever a record lies" : "");
  }

  static ReadingOrder of(long sampleBytes, long memory) {
    return sampleBytes > SHARE * memory ? BLOCKS : RECORDS;
  }

  /** Memory of the machine, or of the container that this program runs in, in bytes. */
  static long memory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
