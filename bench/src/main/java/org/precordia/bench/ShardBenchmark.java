// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.precordia.data.Lead;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.data.Windows;

/** Reading a shard of generated records that lies in the page cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ShardBenchmark {
  private static final int LEADS = Lead.INDEPENDENT.size();
  private static final int WINDOWS = 1024;

  /** Records of 10 s at 100 Hz. */
  @Param("2000")
  public int records;

  private final int[] windowRecords = new int[WINDOWS];
  private final int[] windowStarts = new int[WINDOWS];
  private final short[] window = new short[Windows.LENGTH];
  private ScratchFolder folder;
  private Path file;
  private Shard shard;
  private short[] row;

  /** Writes the shard and draws windows. */
  @Setup
  public void prepare() throws IOException {
    folder = new ScratchFolder();
    file = folder.path().resolve("quick.shard");
    Preparation.run(
        new QuickRecords(records),
        file,
        PreparationSettings.defaults(),
        (done, total, perSecond) -> {});
    shard = Shard.open(file);
    row = new short[shard.length(0)];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < WINDOWS; i++) {
      windowRecords[i] = random.nextInt(shard.records());
      windowStarts[i] = random.nextInt(shard.length(windowRecords[i]) - Windows.LENGTH + 1);
    }
  }

  /** Maps the file, reads and checks header and index. */
  @Benchmark
  public int open() throws IOException {
    try (Shard opened = Shard.open(file)) {
      return opened.records();
    }
  }

  /** Every record's entry of the index. */
  @Benchmark
  public int index() {
    int sum = 0;
    for (int i = 0; i < shard.records(); i++) {
      sum += shard.record(i).length();
    }
    return sum;
  }

  /** Every sample, lead by lead in the order of the file. */
  @Benchmark
  public short sequential(ByteCounter counter) {
    for (int i = 0; i < shard.records(); i++) {
      for (int lead = 0; lead < LEADS; lead++) {
        shard.copy(i, lead, 0, row);
      }
    }
    counter.bytes += shard.sampleBytes();
    return row[0];
  }

  /** Windows of all leads anywhere in the file. */
  @Benchmark
  public short randomWindows(ByteCounter counter) {
    for (int i = 0; i < WINDOWS; i++) {
      for (int lead = 0; lead < LEADS; lead++) {
        shard.copy(windowRecords[i], lead, windowStarts[i], window);
      }
    }
    counter.bytes += (long) WINDOWS * LEADS * Windows.LENGTH * Short.BYTES;
    return window[0];
  }

  /** The checksum over everything. */
  @Benchmark
  public void verify(ByteCounter counter) throws IOException {
    shard.verify();
    counter.bytes += shard.sampleBytes();
  }

  /** Removes the shard. */
  @TearDown
  public void close() throws IOException {
    shard.close();
    folder.close();
  }
}
