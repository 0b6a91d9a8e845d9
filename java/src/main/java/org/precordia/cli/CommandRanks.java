// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;

/** The ranks that a command is one of. */
interface CommandRanks {
  /** Number of this rank, from 0; the first one speaks and writes files. */
  int rank();

  /** Meets the other ranks; to be closed before the context. */
  Communicator communicator(Context context);
}
