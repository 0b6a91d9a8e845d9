// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

/** Training that cannot begin or go on; the message says why and what to do. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingException(String message, Object... arguments) {
    super(message.formatted(arguments));
  }

  TrainingException(Throwable cause, String message, Object... arguments) {
    super(message.formatted(arguments), cause);
  }
}
