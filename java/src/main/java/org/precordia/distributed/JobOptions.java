// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a job is opened.
 *
 * @param ranks which rank this process is
 * @param environment where {@code MASTER_ADDR}, {@code MASTER_PORT} and the job's id are looked for
 * @param address where rank 0 listens; empty to take it from the environment, or from MPI
 * @param configuration what was asked for, which must be the same for every rank
 * @param timeout how long ranks wait for each other
 * @param log takes a line for people; called from several threads
 * @param lastResort ends the process; called where a rank was lost and this process is still there
 *     {@link #GRACE} later
 */
public record JobOptions(
    Ranks ranks,
    Map<String, String> environment,
    Optional<Address> address,
    Configuration configuration,
    Duration timeout,
    Consumer<String> log,
    Runnable lastResort) {

  /** How long a process may take to end by itself after a rank was lost. */
  public static final Duration GRACE = Duration.ofSeconds(10);

  public JobOptions {
    environment = Map.copyOf(environment);
  }

  /** Options of a job of one process. */
  public static JobOptions single() {
    return new JobOptions(
        Ranks.SINGLE,
        Map.of(),
        Optional.empty(),
        Configuration.of(""),
        RendezvousOptions.TIMEOUT,
        _ -> {},
        () -> {});
  }

  /** The address that somebody gave. */
  Optional<Address> given() {
    return address.or(() -> Address.of(environment));
  }
}
