// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How ranks meet.
 *
 * @param ranks which one this is
 * @param address where rank 0 listens
 * @param job tells this job from others
 * @param build the library's build, which must be the same everywhere
 * @param configuration what was asked for, which must be the same everywhere
 * @param timeout how long to wait for the others
 * @param heartbeat how long a rank may give no sign of life
 * @param log takes a line for people; called from several threads
 */
public record RendezvousOptions(
    Ranks ranks,
    Address address,
    JobName job,
    String build,
    Configuration configuration,
    Duration timeout,
    Duration heartbeat,
    Consumer<String> log) {

  /** How long ranks are waited for where nothing else is said. */
  public static final Duration TIMEOUT = Duration.ofSeconds(120);

  /** How long a rank may be silent where nothing else is said. */
  public static final Duration HEARTBEAT = Duration.ofSeconds(20);

  public RendezvousOptions {
    if (timeout.isNegative() || timeout.isZero() || heartbeat.toMillis() < 100) {
      throw new IllegalArgumentException(
          "the timeout must be positive and the heartbeat at least 100 ms, were %s and %s"
              .formatted(timeout, heartbeat));
    }
  }

  /** The same with rank 0 somewhere else. */
  public RendezvousOptions at(Address elsewhere) {
    return new RendezvousOptions(
        ranks, elsewhere, job, build, configuration, timeout, heartbeat, log);
  }

  /** The same for a job of another name. */
  RendezvousOptions named(JobName name) {
    return new RendezvousOptions(
        ranks, address, name, build, configuration, timeout, heartbeat, log);
  }
}
