// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

/** What the process ends with; documented in docs/command.md. */
final class ExitCode {
  /** Done. */
  static final int OK = 0;

  /** A fault of Precordia itself; the stack trace is printed. */
  static final int INTERNAL = 1;

  /** The command line is not understood. */
  static final int USAGE = 2;

  /** Data, a model or a run cannot be used; or some of several records or files could not. */
  static final int DATA = 3;

  /** The native library, a device or its memory cannot be used. */
  static final int DEVICE = 4;

  /** {@code bench compare} found that something takes longer than it did. */
  static final int REGRESSION = 6;

  /** Another rank was lost or failed; a training run can be resumed. */
  static final int RANK_LOST = 7;

  /** Who is which rank cannot be told, or the ranks did not come together. */
  static final int RANKS = 8;

  /** Stopped by the user in order; a training run can be resumed, a download goes on. */
  static final int STOPPED = 130;

  private ExitCode() {}
}
