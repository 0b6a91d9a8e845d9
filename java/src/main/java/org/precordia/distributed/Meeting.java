// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.stream.Collectors;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.Devices;
import org.precordia.runtime.PrecordiaException;

/**
 * How ranks find each other. Where rank 0's address is known they meet there first, so that whoever
 * is missing or differs is named, and open the communicator afterwards. Where it is not, an MPI
 * that started them carries the address.
 */
final class Meeting {
  private final Context context;
  private final Communicator.Kind kind;
  private final JobOptions options;
  private final Ranks ranks;
  private final Watch watch;
  private Rendezvous rendezvous;
  private Communicator communicator;
  private boolean met;

  Meeting(Context context, Communicator.Kind kind, JobOptions options, Watch watch) {
    this.context = context;
    this.kind = kind;
    this.options = options;
    this.ranks = options.ranks();
    this.watch = watch;
  }

  /** Once {@link #hold} has come back. */
  Rendezvous rendezvous() {
    return rendezvous;
  }

  /** Once {@link #hold} has come back; whoever asks closes it. */
  Communicator communicator() {
    return communicator;
  }

  void hold() throws InterruptedException {
    Optional<Address> given = options.given();
    if (given.isPresent()) {
      String unnamed = "unnamed at port " + given.get().port();
      JobName name = JobName.of(options.environment(), ranks, unnamed);
      prepare(given.get(), name);
      meet();
    } else if (!ranks.source().mayHaveMpi()) {
      throw new RanksException(
          "%s say who this rank is, but nothing where rank 0 is. %s"
              .formatted(ranks.source(), remedy()));
    } else if (kind == Communicator.Kind.MPI) {
      open(null);
      meetBy(context, communicator);
    } else {
      meetByMpiAlone();
    }
    if (communicator == null) {
      open(uniqueId());
    }
  }

  private static String remedy() {
    return "Set MASTER_ADDR to rank 0's machine and MASTER_PORT to a free port there, or give"
        + " --rendezvous HOST:PORT, the same for every rank";
  }

  /** GPUs' ranks that an MPI started: it carries the address and nothing else. */
  private void meetByMpiAlone() throws InterruptedException {
    try {
      Communicator.library(Communicator.Kind.MPI);
    } catch (PrecordiaException e) {
      throw new RanksException(
          "nothing says where rank 0 is, and MPI cannot: %s. %s"
              .formatted(e.getMessage(), remedy()),
          e);
    }
    try (Context host = Context.open(Backend.CPU.select());
        Communicator messenger =
            Communicator.create(host, Communicator.Kind.MPI, ranks.rank(), ranks.ranks(), null)) {
      meetAndLetGo(host, messenger);
    }
  }

  /** To part from a communicator takes all ranks; after a failure they do not come. */
  private void meetAndLetGo(Context host, Communicator messenger) throws InterruptedException {
    boolean held = false;
    try {
      meetBy(host, messenger);
      held = true;
    } finally {
      if (!held) {
        messenger.abort();
      }
    }
  }

  private void meetBy(Context host, Communicator messenger) throws InterruptedException {
    String text = "";
    if (ranks.first()) {
      String ip = ranks.oneHost() ? "127.0.0.1" : OwnAddress.reachable();
      JobName name = new JobName("by MPI, " + Long.toHexString(new SecureRandom().nextLong()));
      prepare(new Address(ip, 0), name);
      text = rendezvous.address() + " " + name;
    }
    String told = MpiText.broadcast(host, messenger, text);
    if (!ranks.first()) {
      int blank = told.indexOf(' ');
      prepare(Address.parse(told.substring(0, blank)), new JobName(told.substring(blank + 1)));
    }
    meet();
  }

  private void prepare(Address address, JobName name) {
    rendezvous =
        new Rendezvous(
            new RendezvousOptions(
                ranks,
                address,
                name,
                build(),
                options.configuration().and("backend " + context.backend().id()),
                options.timeout(),
                RendezvousOptions.HEARTBEAT,
                options.log()));
  }

  private void meet() throws InterruptedException {
    rendezvous.onFailure(_ -> watch.lost());
    rendezvous.meet();
    met = true;
  }

  private byte[] uniqueId() throws InterruptedException {
    if (kind != Communicator.Kind.NCCL) {
      return null;
    }
    return rendezvous.share(ranks.first() ? Communicator.uniqueId(kind) : new byte[0]);
  }

  private void open(byte[] uniqueId) {
    communicator = Communicator.create(context, kind, ranks.rank(), ranks.ranks(), uniqueId);
    watch.over(communicator);
  }

  /**
   * Ends what was begun.
   *
   * @throws RankLostException if the problem follows from the loss of another rank
   */
  void giveUp(Throwable problem) {
    try {
      if (met) {
        rendezvous.report(problem);
      }
    } finally {
      if (communicator != null) {
        communicator.abort();
        communicator.close();
      }
      if (rendezvous != null) {
        rendezvous.close();
      }
      watch.end();
    }
  }

  /** What the native library says of its build, and which commit it was. */
  private static String build() {
    return Devices.buildInfo()
        .lines()
        .filter(line -> line.startsWith("build:") || line.startsWith("commit:"))
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .collect(Collectors.joining(", commit "));
  }
}
