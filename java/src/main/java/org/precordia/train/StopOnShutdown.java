// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets long work end in order when the process is told to (Ctrl-C, SIGTERM): the process ends only
 * when the work has, for example after a training step and its checkpoint.
 *
 * <pre>{@code
 * try (var guard = new StopOnShutdown(trainer::requestStop)) {
 *   trainer.run();
 * }
 * }</pre>
 */
public final class StopOnShutdown implements AutoCloseable {
  /** How long the end of the process waits for the run's. */
  public static final long PATIENCE_SECONDS = 120;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * Watches over work until closed.
   *
   * @param stop asks the work to end soon; called from another thread
   */
  public StopOnShutdown(Runnable stop) {
    hook =
        new Thread(
            () -> {
              stop.run();
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
