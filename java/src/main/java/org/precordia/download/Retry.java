// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.precordia.data.DataException;

/**
 * Tries again what failed for the time being: after pauses that double and are drawn from their
 * upper half, so that workers do not come back all at once, and not before the server wants it.
 */
final class Retry {
  private final DownloadSettings settings;
  private final Sleeper sleeper;

  /** Lets time pass. */
  interface Sleeper {
    void sleep(Duration time) throws InterruptedException;
  }

  /** What is tried. */
  interface Attempt<T> {
    T run() throws IOException, InterruptedException;
  }

  Retry(DownloadSettings settings, Sleeper sleeper) {
    this.settings = settings;
    this.sleeper = sleeper;
  }

  /**
   * Tries until it succeeds, fails for good, or has failed too often without bringing more than
   * ever before.
   *
   * @param brought bytes that attempts have brought so far
   * @throws DataException when this machine, not the network, is at fault
   * @throws MirrorException when the server is
   */
  <T> T run(Attempt<T> attempt, LongSupplier brought) throws IOException, InterruptedException {
    int failures = 0;
    long most = brought.getAsLong();
    while (true) {
      try {
        return attempt.run();
      } catch (DataException e) {
        throw e;
      } catch (IOException e) {
        if (Thread.interrupted() || e instanceof InterruptedIOException) {
          throw (InterruptedException) new InterruptedException().initCause(e);
        }
        if (e instanceof MirrorException answer && !answer.isPassing()) {
          throw e;
        }
        failures = brought.getAsLong() > most ? 1 : failures + 1;
        most = Math.max(most, brought.getAsLong());
        if (failures >= settings.attempts()) {
          throw MirrorException.exhausted(failures, e);
        }
        sleeper.sleep(pause(e, failures));
      }
    }
  }

  private Duration pause(IOException e, int failures) throws MirrorException {
    Duration asked = e instanceof MirrorException answer ? answer.pause() : Duration.ZERO;
    if (asked.compareTo(settings.longestPause()) > 0) {
      throw MirrorException.exhausted(
          failures,
          MirrorException.passing(
              "%s and asked to be left alone for %d s: try again then"
                  .formatted(MirrorException.reason(e), asked.toSeconds())));
    }
    double doubled = settings.backoff().toNanos() * Math.scalb(1.0, failures - 1);
    double longest = Math.min(doubled, settings.longestPause().toNanos());
    long own = (long) (longest * ThreadLocalRandom.current().nextDouble(0.5, 1));
    return Duration.ofNanos(Math.max(own, asked.toNanos()));
  }
}
