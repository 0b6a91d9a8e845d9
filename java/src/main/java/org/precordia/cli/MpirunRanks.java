// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.Map;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;

/**
 * The ranks that Open MPI's {@code mpirun} started this process as one of.
 *
 * @param rank number of this one, from 0
 * @param ranks how many there are
 */
record MpirunRanks(int rank, int ranks) implements CommandRanks {
  /** What the environment says; one rank where it says nothing. */
  static MpirunRanks of(Map<String, String> environment) {
    return new MpirunRanks(
        Integer.parseInt(environment.getOrDefault("OMPI_COMM_WORLD_RANK", "0")),
        Integer.parseInt(environment.getOrDefault("OMPI_COMM_WORLD_SIZE", "1")));
  }

  @Override
  public Communicator communicator(Context context) {
    return ranks == 1
        ? Communicator.single(context)
        : Communicator.create(context, Communicator.Kind.MPI, rank, ranks, null);
  }
}
