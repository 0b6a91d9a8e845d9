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

  static ReadingOrder of(long sampleBytes, long memory) {
    return sampleBytes > SHARE * memory ? BLOCKS : RECORDS;
  }

  /** Memory of the machine, or of the container that this program runs in, in bytes. */
  static long memory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
