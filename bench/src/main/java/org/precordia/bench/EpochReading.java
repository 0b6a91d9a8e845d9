// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.train.ReadingOrder;
import org.precordia.train.Recipe;
import org.precordia.train.Trainer;
import org.precordia.train.TrainingListener;
import org.precordia.train.TrainingOptions;

/**
 * Trains on a data set in shuffled blocks for so many steps, with a network of so many channels:
 * with a narrow one, and steps for all records, it is a pass of reading with little computing.
 *
 * <p>Arguments: DATA CHANNELS STEPS THREADS WORK. Standard output gets seconds for opening, for
 * statistics and windows, and for the steps, and how many windows there were a step.
 */
final class EpochReading {
  private EpochReading() {}

  public static void main(String[] arguments) throws Exception {
    int channels = Integer.parseInt(arguments[1]);
    int steps = Integer.parseInt(arguments[2]);
    int threads = Integer.parseInt(arguments[3]);
    Path work = Files.createTempDirectory(Path.of(arguments[4]), "reading");
    Timer timer = new Timer(steps);
    long begun = System.nanoTime();
    try (Shard shard = Shard.open(Path.of(arguments[0]));
        Context context =
            Context.open(Backend.CPU.select(), ContextOptions.DEFAULT.withThreads(threads))) {
      say("open_s", seconds(begun));
      TrainingOptions options =
          TrainingOptions.builder()
              .width(channels)
              .maxSteps(steps)
              .order(ReadingOrder.BLOCKS)
              .build();
      timer.trainer =
          Trainer.create(context, shard, Recipe.joint(), options, work.resolve("run"), timer);
      timer.begun = System.nanoTime();
      timer.trainer.place(DataPlacement.HOST).run();
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static void say(String what, double value) {
    System.out.printf(Locale.ROOT, "%s %.3f%n", what, value);
  }

  private static final class Timer implements TrainingListener {
    private final int steps;
    private Trainer trainer;
    private long begun;
    private long first;

    Timer(int steps) {
      this.steps = steps;
    }

    @Override
    public void started(Plan plan) {
      say("windows_and_statistics_s", seconds(begun));
      say("windows", plan.windows());
      begun = System.nanoTime();
    }

    @Override
    public void step(Step step) {
      if (step.step() == 1) {
        say("anchor_and_first_step_s", seconds(begun));
        first = System.nanoTime();
      } else if (step.step() == steps - 1) {
        say("steps_s", seconds(first));
        say("steps", steps - 2);
        // Validation is not what is measured.
        trainer.requestStop();
      }
    }

    @Override
    public void message(String text) {
      System.err.println(text);
    }
  }
}
