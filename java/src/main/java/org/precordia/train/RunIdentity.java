// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.precordia.data.Shard;

/** Whether a run is the one that would be trained now. */
public final class RunIdentity {
  private RunIdentity() {}

  /** Names all that decides the result of a run. */
  public static String of(Shard shard, Recipe recipe, TrainingOptions options) {
    return RunConfig.of(recipe, options, shard).hash();
  }

  /**
   * Requires that a run is the one that would be created now.
   *
   * @throws TrainingException if the folder holds no run, or one of another recipe, other options
   *     or other data; the message names what differs
   */
  public static void requireSame(Path folder, Shard shard, Recipe recipe, TrainingOptions options)
      throws IOException {
    RunConfig there = RunConfig.ofJson(RunDirectory.readConfig(folder));
    Optional<String> difference = there.difference(RunConfig.of(recipe, options, shard));
    if (difference.isPresent()) {
      throw new TrainingException(
          "%s holds a run of another configuration: %s. Delete that folder, ask for what it was"
              + " trained with, or choose another folder",
          folder, difference.get());
    }
  }
}
