// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.precordia.data.Shard;
import org.precordia.model.Architecture;
import org.precordia.model.DataPlacement;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;

/**
 * One rank of a small training run, started by {@code mpirun}: what {@link RanksTest} compares with
 * one rank's.
 */
final class RanksProgram {
  /** Exit code of a rank that was stopped. */
  static final int STOPPED = 3;

  /** Exit code of a rank that cannot train. */
  static final int FAILED = 4;

  private static final int WINDOWS = 16;
  private static final int STEPS = 50;

  private RanksProgram() {}

  /**
   * Trains, or goes on where the folder holds a run.
   *
   * @param arguments shard, folder, recipe (or "unet"), chunks, where the samples lie, and the rank
   *     that wishes to stop (-1: none): the first one after some steps, another one at once. Or
   *     shard and folder alone: only scores
   */
  public static void main(String[] arguments) throws IOException {
    int rank = Integer.parseInt(System.getenv("OMPI_COMM_WORLD_RANK"));
    int ranks = Integer.parseInt(System.getenv("OMPI_COMM_WORLD_SIZE"));
    int code = 0;
    try (Shard shard = Shard.open(Path.of(arguments[0]));
        Context context = context();
        Communicator communicator =
            Communicator.create(context, Communicator.Kind.MPI, rank, ranks, null)) {
      Path folder = Path.of(arguments[1]);
      if (arguments.length == 2) {
        List<String> scores = RanksScores.of(context, shard, TrainingRanks.of(communicator));
        Files.createDirectories(folder);
        Files.write(folder.resolve("rank" + rank), scores);
      } else {
        TrainingResult result =
            train(
                context,
                shard,
                folder,
                arguments[2],
                Integer.parseInt(arguments[3]),
                DataPlacement.valueOf(arguments[4]),
                Integer.parseInt(arguments[5]),
                communicator);
        code = result.completed() ? 0 : STOPPED;
      }
    } catch (TrainingException e) {
      System.err.println("rank " + rank + ": " + e.getMessage());
      code = FAILED;
    }
    System.exit(code);
  }

  static Context context() {
    return Context.open(Backend.CPU.select(), ContextOptions.DEFAULT.withThreads(1));
  }

  /** The run of {@link #main}, on one rank of a communicator; null: alone. */
  static TrainingResult train(
      Context context,
      Shard shard,
      Path folder,
      String name,
      int chunks,
      DataPlacement placement,
      int stopper,
      Communicator communicator)
      throws IOException {
    boolean unet = name.equals("unet");
    Recipe recipe = TrainingShard.small(unet ? Recipe.joint() : Recipe.of(name), WINDOWS, STEPS, 1);
    TrainingOptions options =
        TrainingShard.narrow()
            .architecture(unet ? Architecture.UNET : Architecture.DILATED)
            .accumulate(chunks)
            .build();
    int rank = communicator == null ? 0 : communicator.rank();
    // Only the first rank has the folder, and what is said there.
    Path own = rank == 0 ? folder : folder.resolveSibling("nowhere");
    Trainer[] trainer = new Trainer[1];
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (stopper == 0 && step.step() == STEPS / 2) {
              trainer[0].requestStop();
            }
          }

          @Override
          public void message(String text) {
            System.err.println(text);
          }
        };
    trainer[0] =
        Files.exists(folder.resolve("checkpoint.safetensors"))
            ? Trainer.resume(context, shard, own, listener, communicator)
            : Trainer.create(context, shard, recipe, options, own, listener, communicator);
    if (stopper > 0 && rank == stopper) {
      trainer[0].requestStop();
    }
    return trainer[0].place(placement).run();
  }
}
