// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.signal.Preprocessing;
import org.precordia.synth.SyntheticCohort;

/** Synthetic patients in a temporary shard: the data of every benchmark of steps. */
public final class BenchmarkCohort implements AutoCloseable {
  private static final double RATE = 100;

  private final Path folder;
  private final Shard shard;

  /**
   * Draws and prepares patients with a record of 10 s each, or longer where windows are.
   *
   * @param preprocessing what the signals go through
   * @param window samples that a record must have at least
   */
  public BenchmarkCohort(int patients, long seed, Preprocessing preprocessing, int window)
      throws IOException {
    folder = Files.createTempDirectory("precordia-bench");
    boolean complete = false;
    try {
      Path file = folder.resolve("synthetic.shard");
      SyntheticCohort.Options options =
          SyntheticCohort.Options.of(patients, seed).withSeconds(Math.max(10, window / RATE));
      Preparation.run(
          new SyntheticCohort(options),
          file,
          PreparationSettings.defaults().with(preprocessing).withCommand("precordia bench"),
          (done, total, rate) -> {});
      shard = Shard.open(file);
      complete = true;
    } finally {
      if (!complete) {
        remove(folder);
      }
    }
  }

  /** The data. */
  public Shard shard() {
    return shard;
  }

  private static void remove(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve("synthetic.shard"));
    Files.deleteIfExists(folder);
  }

  @Override
  public void close() throws IOException {
    shard.close();
    remove(folder);
  }
}
