// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;

/** The ranks that a command is one of. */
interface CommandRanks {
  /** Whether this is the rank that speaks and writes files. */
  boolean first();

  /** Meets the other ranks; to be closed before the context. */
  Communicator communicator(Context context);
}
