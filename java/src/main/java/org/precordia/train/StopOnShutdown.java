// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a run end in order when the process is told to (Ctrl-C, SIGTERM): the step in progress is
 * finished and a checkpoint written before the process ends.
 *
 * <pre>{@code
 * try (var guard = new StopOnShutdown(trainer)) {
 *   trainer.run();
 * }
 * }</pre>
 */
public final class StopOnShutdown implements AutoCloseable {
  /** How long the end of the process waits for the run's. */
  public static final long PATIENCE_SECONDS = 120;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /** Watches over a run until closed. */
  public StopOnShutdown(Trainer trainer) {
    hook =
        new Thread(
            () -> {
              trainer.requestStop();
              awaitEnd();
            },
            "precordia-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void awaitEnd() {
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger("org.precordia.train")
            .log(System.Logger.Level.WARNING, "the run did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException alreadyEnding) {
      // The hook is what waits for this close.
      return;
    }
  }
}
