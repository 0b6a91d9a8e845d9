// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.precordia.runtime.CommunicationException;

/**
 * The meeting of a job's ranks at rank 0's address, and the connection that stays: every rank has
 * one to rank 0, for words, small data and signs of life. Whoever is refused is told why; a rank
 * that is lost is made known to all others.
 *
 * <p>It is meant for the network of a cluster: whoever reaches the port can read and write on it,
 * but foreign bytes, silence or a flood of connections only cost the one who sends them.
 */
public final class Rendezvous implements AutoCloseable {
  /** Most bytes that {@link #share} takes. */
  public static final int LARGEST_SHARE = 1 << 20;

  /**
   * A collective may break before it is noticed which rank is gone: how long that is waited for, so
   * that the cause is reported and not its consequence.
   */
  private static final Duration CAUSE = Duration.ofSeconds(3);

  private final Alarm alarm = new Alarm();
  private final Side side;
  private boolean closed;

  /**
   * Prepares to meet; rank 0 listens from here on.
   *
   * @throws RanksException if rank 0 cannot listen at its address
   */
  public Rendezvous(RendezvousOptions options) {
    side = options.ranks().first() ? new FirstRank(options, alarm) : new OtherRank(options, alarm);
  }

  /** Where rank 0 listens, with the port that the system chose where none was given. */
  public Address address() {
    return side.address();
  }

  /**
   * Waits for all ranks.
   *
   * @throws RanksException if they do not come in time, if one is lost before all have come, or if
   *     this one is refused
   */
  public void meet() throws InterruptedException {
    try {
      side.meet();
    } catch (RankLostException e) {
      throw new RanksException("the ranks did not come together: " + e.failure(), e);
    }
  }

  /**
   * Brings rank 0's data to all; every rank calls it, in the same order.
   *
   * @param data at most {@link #LARGEST_SHARE} bytes; on ranks other than 0 it is not looked at
   * @return rank 0's data
   * @throws RankLostException if a rank was lost meanwhile
   */
  public byte[] share(byte[] data) throws InterruptedException {
    return side.share(data);
  }

  /**
   * Makes this rank's own error known: rank 0 prints it, every other rank is told. It has arrived
   * when {@link #close} returns.
   */
  public void fail(String error) {
    side.fail(error);
  }

  /**
   * Sets who is told, once and on a thread of its own, that another rank is lost or failed; at once
   * where one already is.
   */
  public void onFailure(Consumer<RankFailure> told) {
    alarm.onFailure(told);
  }

  /** The other rank that was lost or failed first, if any. */
  public Optional<RankFailure> failure() {
    return alarm.failure();
  }

  /**
   * Makes an error of this rank known to all, unless it follows from the loss of another.
   *
   * @throws RankLostException in that case
   */
  void report(Throwable problem) {
    boolean consequence =
        problem instanceof CommunicationException || problem instanceof RankLostException;
    Optional<RankFailure> cause = consequence ? awaitCause() : Optional.empty();
    if (cause.isPresent()) {
      throw new RankLostException(cause.get(), problem);
    }
    fail(problem.getMessage() == null ? problem.toString() : problem.getMessage());
  }

  private Optional<RankFailure> awaitCause() {
    try {
      return alarm.await(CAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failure();
    }
  }

  /**
   * Checks that all ranks are well.
   *
   * @throws RankLostException if one is not
   */
  public void check() {
    alarm.check();
  }

  /** Leaves in order: this rank does not count as lost. Rank 0 waits a little for the others. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      side.close();
    }
  }
}
