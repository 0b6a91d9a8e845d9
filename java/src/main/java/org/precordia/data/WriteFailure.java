// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/** Says why a file could not be written, and what helps. */
public final class WriteFailure {
  private WriteFailure() {}

  /**
   * The exception to throw for a failed write.
   *
   * @param target the file that was to be written
   * @param cause what the operating system answered
   * @param state what became of the content, for example {@code nothing was written}
   * @return a {@link DataException}, or an {@link InterruptedIOException} when the writing thread
   *     was interrupted
   */
  public static IOException of(Path target, IOException cause, String state) {
    if (cause instanceof ClosedByInterruptException) {
      InterruptedIOException interrupted =
          new InterruptedIOException(target + ": writing was interrupted, " + state);
      interrupted.initCause(cause);
      return interrupted;
    }
    String reason =
        cause instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : String.valueOf(cause.getMessage());
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space")
        || lower.contains("not enough space")
        || lower.contains("quota")) {
      return new DataException(
          target,
          0,
          "no space left on the device (" + reason + "), " + state,
          "free space there or write to another folder",
          cause);
    }
    return new DataException(
        target,
        0,
        "cannot be written (" + cause.getClass().getSimpleName() + ": " + reason + ")",
        "check that its folder exists and may be written",
        cause);
  }
}
