// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.time.Duration;

/** What a server answered cannot be used: for now, or whenever it is asked. */
final class MirrorException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean passing;
  private final Duration pause;

  private MirrorException(String message, boolean passing, Duration pause, Throwable cause) {
    super(message, cause);
    this.passing = passing;
    this.pause = pause;
  }

  /** A failure that another attempt may not meet. */
  static MirrorException passing(String message) {
    return new MirrorException(message, true, Duration.ZERO, null);
  }

  /** A failure that another attempt may not meet, once the server's own time has passed. */
  static MirrorException passing(String message, Duration pause) {
    return new MirrorException(message, true, pause, null);
  }

  /** A failure that every attempt would meet. */
  static MirrorException lasting(String message) {
    return new MirrorException(message, false, Duration.ZERO, null);
  }

  /** The failure that was met when attempts ran out. */
  static MirrorException exhausted(int attempts, IOException last) {
    return new MirrorException(
        "%s (after %d attempts)".formatted(reason(last), attempts), true, Duration.ZERO, last);
  }

  /** Whether another attempt may succeed. */
  boolean isPassing() {
    return passing;
  }

  /** The least time that the server asked to be left alone; zero when it asked nothing. */
  Duration pause() {
    return pause;
  }

  /** What an exception says, with its kind where its text alone would not say what happened. */
  static String reason(IOException e) {
    if (e instanceof MirrorException) {
      return e.getMessage();
    }
    return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
  }
}
