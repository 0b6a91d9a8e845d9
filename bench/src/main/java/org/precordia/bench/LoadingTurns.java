// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.model.Size;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.train.ReadingOrder;
import org.precordia.train.Recipe;
import org.precordia.train.Trainer;
import org.precordia.train.TrainingListener;
import org.precordia.train.TrainingOptions;

/**
 * Time of a training step with its data resident, streamed from one mapped file, and streamed from
 * a folder of files in shuffled blocks. Three whole training runs take turns of some steps each, so
 * that what else the machine does falls on all of them alike.
 *
 * <p>Arguments: FILE FOLDER THREADS STEPS-OF-A-TURN TURNS WORK, the first two prepared from the
 * same records. Standard output gets a line for each turn: variant, turn, ms a step.
 */
final class LoadingTurns {
  private static final int WARM_UP = 2;

  private final int steps;
  private final int turns;
  private final int variants;
  private int running;
  private boolean failed;

  private LoadingTurns(int steps, int turns, int variants) {
    this.steps = steps;
    this.turns = turns;
    this.variants = variants;
  }

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    Path folder = Path.of(arguments[1]);
    int threads = Integer.parseInt(arguments[2]);
    int steps = Integer.parseInt(arguments[3]);
    int turns = Integer.parseInt(arguments[4]) + WARM_UP;
    Path work = Files.createTempDirectory(Path.of(arguments[5]), "turns");
    LoadingTurns loading = new LoadingTurns(steps, turns, 3);
    List<Thread> runs = new ArrayList<>();
    runs.add(
        loading.run(
            0, "resident", file, DataPlacement.DEVICE, ReadingOrder.RECORDS, threads, work));
    runs.add(
        loading.run(1, "streamed", file, DataPlacement.HOST, ReadingOrder.RECORDS, threads, work));
    runs.add(
        loading.run(2, "blocks", folder, DataPlacement.HOST, ReadingOrder.BLOCKS, threads, work));
    for (Thread run : runs) {
      run.join();
    }
    if (loading.failed) {
      System.exit(1);
    }
  }

  private Thread run(
      int variant,
      String name,
      Path data,
      DataPlacement placement,
      ReadingOrder order,
      int threads,
      Path work) {
    return Thread.ofPlatform()
        .name(name)
        .start(
            () -> {
              try (Shard shard = Shard.open(data);
                  Context context =
                      Context.open(
                          Backend.CPU.select(), ContextOptions.DEFAULT.withThreads(threads))) {
                TrainingOptions options =
                    TrainingOptions.builder()
                        .width(Size.SMALL.width())
                        .maxSteps(steps * turns + 1)
                        .order(order)
                        .build();
                Turns listener = new Turns(variant, name);
                Trainer trainer =
                    Trainer.create(
                        context, shard, Recipe.joint(), options, work.resolve(name), listener);
                listener.trainer = trainer;
                trainer.place(placement).run();
              } catch (IOException | RuntimeException e) {
                e.printStackTrace();
                failed = true;
                System.exit(1);
              }
            });
  }

  private synchronized void await(int variant) {
    while (running != variant) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private synchronized void pass() {
    running = (running + 1) % variants;
    notifyAll();
  }

  /** Holds a run's steps to its turns. The first step of all brings the run to its first turn. */
  private final class Turns implements TrainingListener {
    private final int variant;
    private final String name;
    private final double[] milliseconds;
    private Trainer trainer;
    private int done = -1;
    private int turn;
    private long begun;

    Turns(int variant, String name) {
      this.variant = variant;
      this.name = name;
      this.milliseconds = new double[turns];
    }

    @Override
    public void step(Step step) {
      done++;
      if (done == 0) {
        await(variant);
        begun = System.nanoTime();
      } else if (done == steps) {
        milliseconds[turn] = (System.nanoTime() - begun) / 1e6 / steps;
        say();
        turn++;
        done = 0;
        pass();
        if (turn == turns) {
          trainer.requestStop();
          return;
        }
        await(variant);
        begun = System.nanoTime();
      }
    }

    private void say() {
      if (turn >= WARM_UP) {
        System.out.printf(Locale.ROOT, "%s %d %.4f%n", name, turn - WARM_UP, milliseconds[turn]);
      }
      if (turn + 1 == turns) {
        System.err.printf(
            Locale.ROOT,
            "%s: median %.3f ms a step%n",
            name,
            Arrays.stream(milliseconds).skip(WARM_UP).sorted().toArray()[(turns - WARM_UP) / 2]);
      }
    }
  }
}
