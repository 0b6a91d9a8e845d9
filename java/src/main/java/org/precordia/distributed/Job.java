// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.util.Optional;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;

/**
 * What a command that may run on many ranks works with: who this rank is, the communicator that
 * moves tensors, and the watch over the other ranks. One rank has neither sockets nor a library.
 *
 * <pre>{@code
 * try (Job job = Job.open(context, options)) {
 *   return job.run(() -> train(job.communicator()));
 * }
 * }</pre>
 *
 * <p>When another rank is lost or fails, the communicator is aborted, so that whoever waits inside
 * a collective comes back; {@link #run} then throws {@link RankLostException}. Where the process
 * has not ended some seconds later, the options' last resort ends it.
 */
public final class Job implements AutoCloseable {
  private final JobOptions options;
  private final Communicator communicator;
  private final Optional<Rendezvous> rendezvous;
  private final Watch watch;
  private boolean failed;

  private Job(
      JobOptions options, Communicator communicator, Optional<Rendezvous> rendezvous, Watch watch) {
    this.options = options;
    this.communicator = communicator;
    this.rendezvous = rendezvous;
    this.watch = watch;
  }

  /** A job of one process. */
  public static Job single(Context context) {
    return new Job(
        JobOptions.single(), Communicator.single(context), Optional.empty(), new Watch(() -> {}));
  }

  /**
   * Brings the ranks together: NCCL between GPUs, MPI between processors.
   *
   * @param context what this rank computes with; to be closed after the job
   * @throws RanksException if they do not come together
   * @throws RankLostException if one was lost meanwhile
   * @throws org.precordia.runtime.PrecordiaException if NCCL or MPI cannot be had or used
   */
  public static Job open(Context context, JobOptions options) throws InterruptedException {
    if (!options.ranks().many()) {
      return single(context);
    }
    Communicator.library(kind(context));
    Watch watch = new Watch(options.lastResort());
    Meeting meeting = new Meeting(context, kind(context), options, watch);
    try {
      meeting.hold();
    } catch (RuntimeException | Error | InterruptedException e) {
      meeting.giveUp(e);
      throw e;
    }
    return new Job(options, meeting.communicator(), Optional.of(meeting.rendezvous()), watch);
  }

  /** MPI moves memory of the host, NCCL that of GPUs. */
  private static Communicator.Kind kind(Context context) {
    return context.backend() == Backend.CPU ? Communicator.Kind.MPI : Communicator.Kind.NCCL;
  }

  /** Which rank this is. */
  public Ranks ranks() {
    return options.ranks();
  }

  /** Whether this is the rank that prints and writes. */
  public boolean first() {
    return ranks().first();
  }

  /** What moves tensors between the ranks; the job closes it. */
  public Communicator communicator() {
    return communicator;
  }

  /**
   * Brings small data of rank 0 to all; every rank calls it, in the same order.
   *
   * @param data not looked at on ranks other than 0
   * @return rank 0's data
   */
  public byte[] share(byte[] data) throws InterruptedException {
    return rendezvous.isPresent() ? rendezvous.get().share(data) : data;
  }

  /**
   * Checks that all ranks are well; for long stretches without a collective.
   *
   * @throws RankLostException if one is not
   */
  public void check() {
    rendezvous.ifPresent(Rendezvous::check);
  }

  /** What a job does. */
  public interface Work<T, E extends Exception> {
    /** Does it. */
    T run() throws E;
  }

  /**
   * Does the job's work. An error of this rank is made known to all others.
   *
   * @throws RankLostException in place of what the loss of another rank led to
   */
  public <T, E extends Exception> T run(Work<T, E> work) throws E {
    boolean done = false;
    try {
      T result = work.run();
      done = true;
      return result;
    } catch (Throwable e) {
      rendezvous.ifPresent(watched -> watched.report(e));
      throw e;
    } finally {
      failed = !done;
    }
  }

  /** Leaves the job; the ranks that ended well wait for each other. */
  @Override
  public void close() {
    try {
      if (failed || rendezvous.flatMap(Rendezvous::failure).isPresent()) {
        communicator.abort();
      }
      communicator.close();
    } finally {
      rendezvous.ifPresent(Rendezvous::close);
      watch.end();
    }
  }
}
