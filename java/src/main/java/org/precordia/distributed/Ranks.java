// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.util.Map;

/**
 * Which of a job's processes this one is.
 *
 * @param rank its number, from 0
 * @param ranks how many there are
 * @param localRank its number among those on its machine
 * @param localRanks how many are on its machine
 * @param source who said so
 */
public record Ranks(int rank, int ranks, int localRank, int localRanks, Source source) {
  /** One process that is a job of its own. */
  public static final Ranks SINGLE = new Ranks(0, 1, 0, 1, Source.NONE);

  /** Who starts processes and tells them their numbers, in the order of being asked. */
  public enum Source {
    /** {@code RANK}, {@code WORLD_SIZE}, {@code LOCAL_RANK}, {@code LOCAL_WORLD_SIZE}. */
    TORCHRUN("RANK and WORLD_SIZE"),
    /** Open MPI's {@code mpirun}. */
    OPEN_MPI("Open MPI"),
    /** {@code mpiexec} of MPICH, Intel MPI and their relatives. */
    PMI("PMI (MPICH, Intel MPI)"),
    /** {@code srun}. */
    SLURM("Slurm"),
    /** Nobody: one process. */
    NONE("nothing");

    private final String title;

    Source(String title) {
      this.title = title;
    }

    /** Whether an MPI launched the processes or may have: then MPI can connect them. */
    public boolean mayHaveMpi() {
      return this == OPEN_MPI || this == PMI || this == SLURM;
    }

    @Override
    public String toString() {
      return title;
    }
  }

  public Ranks {
    if (ranks < 1 || rank < 0 || rank >= ranks) {
      throw new RanksException(
          "%s: rank %d of %d ranks cannot be; ranks count from 0".formatted(source, rank, ranks));
    }
    if (localRank < 0 || localRank >= localRanks || localRanks > ranks) {
      throw new RanksException(
          "%s: local rank %d of %d local ranks, in a job of %d, cannot be"
              .formatted(source, localRank, localRanks, ranks));
    }
  }

  /**
   * Finds out from the environment; docs/distributed.md has the order.
   *
   * @param environment variables and their values
   * @throws RanksException if a set of variables is incomplete, is no number or contradicts another
   */
  public static Ranks of(Map<String, String> environment) {
    return new RankVariables(environment).ranks();
  }

  /** Whether this is the rank that prints and writes. */
  public boolean first() {
    return rank == 0;
  }

  /** Whether there are other ranks. */
  public boolean many() {
    return ranks > 1;
  }

  /** Whether all ranks are on one machine. */
  public boolean oneHost() {
    return localRanks == ranks;
  }

  @Override
  public String toString() {
    return many()
        ? "rank %d of %d, local rank %d of %d, by %s"
            .formatted(rank, ranks, localRank, localRanks, source)
        : "one rank";
  }
}
