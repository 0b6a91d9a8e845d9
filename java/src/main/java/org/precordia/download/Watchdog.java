// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Breaks off transfers in which nothing, or next to nothing, comes any more. */
final class Watchdog implements AutoCloseable {
  /** Fewer bytes than these in a whole period are nothing. */
  private static final long LEAST = 256;

  private final Duration period;
  private final ScheduledThreadPoolExecutor timer;

  Watchdog(Duration period) {
    this.period = period;
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("precordia-watchdog").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Watches a transfer until closed. */
  Watch over(InputStream content) {
    return new Watch(content);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** The watch over one transfer. */
  final class Watch implements AutoCloseable {
    private final InputStream content;
    private final AtomicLong received = new AtomicLong();
    private final ScheduledFuture<?> task;
    private volatile boolean brokenOff;

    private Watch(InputStream content) {
      this.content = content;
      task =
          timer.scheduleWithFixedDelay(
              this::look, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void look() {
      if (received.getAndSet(0) < LEAST) {
        brokenOff = true;
        try {
          content.close();
        } catch (IOException e) {
          // The reader hears of it.
          return;
        }
      }
    }

    /** Bytes came. */
    void received(int bytes) {
      received.addAndGet(bytes);
    }

    /** What the reader's exception was in truth. */
    IOException explain(IOException e) {
      return brokenOff
          ? MirrorException.passing("nothing came for " + period.toMillis() / 1000.0 + " s")
          : e;
    }

    @Override
    public void close() {
      task.cancel(false);
    }
  }
}
