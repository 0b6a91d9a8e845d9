// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import org.precordia.bindings.NativeLibraryException;

/**
 * The native library was not found or does not load; the message lists every place that was tried
 * and why each one failed.
 */
public final class NoLibraryException extends PrecordiaException {
  /** There was no native call that could have had a status. */
  private static final int NO_STATUS = -1;

  NoLibraryException(NativeLibraryException cause) {
    super(NO_STATUS, cause.getMessage());
    initCause(cause);
  }
}
