// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * Calls rank 0 until it answers: it may be started later, and its name may not be known yet. What
 * the last try met becomes the message when time is over.
 */
final class Caller {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration REPORT = Duration.ofSeconds(15);
  private static final long ROUNDING_MILLIS = 20;
  private static final String CLOSED = "what listens there closes the connection without an answer";

  private final RendezvousOptions options;
  private final Deadline deadline;
  private final Hello hello;

  Caller(RendezvousOptions options) {
    this.options = options;
    this.deadline = Deadline.in(options.timeout());
    this.hello = Hello.of(options, new SecureRandom().nextLong());
  }

  /**
   * The connection to rank 0, once it has accepted this rank.
   *
   * @throws RanksException if it refuses, is something else, or does not answer in time
   */
  Link call(Link.Listener listener) throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    Deadline report = Deadline.in(REPORT);
    IOException problem = null;
    while (true) {
      try {
        return tryOnce(listener);
      } catch (Wire.ProtocolException e) {
        throw foreign(e);
      } catch (IOException e) {
        // A try that the deadline cut short says less than the one before it; its own limit, in
        // whole
        // milliseconds, may end it a little earlier.
        boolean cut = deadline.milliseconds() <= ROUNDING_MILLIS;
        problem = problem == null || !cut ? e : problem;
      }
      if (deadline.over()) {
        throw unreachable(problem);
      }
      if (report.over()) {
        options
            .log()
            .accept(
                "waiting for rank 0 at %s, %d s left: %s"
                    .formatted(options.address(), deadline.seconds(), describe(problem)));
        report = Deadline.in(REPORT);
      }
      Thread.sleep(Math.min(pause.toMillis(), deadline.milliseconds()));
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
    }
  }

  private Link tryOnce(Link.Listener listener) throws IOException {
    IOException last = null;
    for (InetAddress address : InetAddress.getAllByName(options.address().host())) {
      Socket socket = new Socket();
      boolean kept = false;
      try {
        int patience = (int) Math.min(CONNECT.toMillis(), deadline.milliseconds());
        socket.connect(new InetSocketAddress(address, options.address().port()), patience);
        requireOther(socket);
        Link link = introduce(new Wire(socket), listener);
        kept = true;
        return link;
      } catch (Wire.ProtocolException e) {
        throw e;
      } catch (IOException e) {
        last = e;
      } finally {
        if (!kept) {
          socket.close();
        }
      }
    }
    throw last == null ? new UnknownHostException(options.address().host()) : last;
  }

  /**
   * A port of the range that outgoing connections take, at which nothing listens on this machine,
   * may be the caller's own: then it has called itself.
   */
  private static void requireOther(Socket socket) throws ConnectException {
    if (socket.getLocalSocketAddress().equals(socket.getRemoteSocketAddress())) {
      throw new ConnectException("Connection refused");
    }
  }

  private Link introduce(Wire wire, Link.Listener listener) throws IOException {
    wire.sendGreeting();
    wire.send(hello.frame());
    int version = wire.readGreeting(deadline);
    Frame answer = wire.read(Wire.GREETING_LIMIT, deadline);
    if (answer.type() == Frame.Type.REFUSE) {
      throw new RanksException("rank 0 refused this rank: " + answer.text());
    }
    if (version != Wire.VERSION || answer.type() != Frame.Type.ACCEPT) {
      throw new Wire.ProtocolException("it sent " + answer.type() + " of version " + version);
    }
    Answer accepted = answer.read(in -> new Answer(in.readLong(), Frame.readMember(in)));
    if (accepted.nonce() != hello.nonce()) {
      throw new Wire.ProtocolException("it answered another rank's call");
    }
    Link link = new Link(accepted.first(), wire, options.heartbeat(), listener);
    link.start();
    return link;
  }

  private record Answer(long nonce, Member first) {}

  private RanksException foreign(Wire.ProtocolException e) {
    return new RanksException(
        ("what listens at %s is not rank 0 of a Precordia job: %s. Another program has this port,"
                + " or MASTER_ADDR is another machine than rank 0's: choose another MASTER_PORT (or"
                + " --rendezvous HOST:PORT), the same for every rank")
            .formatted(options.address(), e.getMessage()),
        e);
  }

  private RanksException unreachable(IOException problem) {
    return new RanksException(
        ("rank %d of %d on host %s did not reach rank 0 at %s within %d s: %s. Check that rank 0"
             + " was started and still runs, that MASTER_ADDR is its machine, that MASTER_PORT is"
             + " the same for every rank, and that no firewall is between them")
            .formatted(
                options.ranks().rank(),
                options.ranks().ranks(),
                hello.member().host(),
                options.address(),
                options.timeout().toSeconds(),
                describe(problem)),
        problem);
  }

  private String describe(IOException problem) {
    return switch (problem) {
      case UnknownHostException unknown ->
          "no machine is known by the name " + options.address().host();
      case ConnectException refused when String.valueOf(refused.getMessage()).contains("refused") ->
          "the connection is refused, so nothing listens there";
      case SocketTimeoutException silent -> "what is there does not answer";
      case EOFException ended -> CLOSED;
      case SocketException reset when String.valueOf(reset.getMessage()).contains("reset") ->
          CLOSED;
      default -> String.valueOf(problem.getMessage());
    };
  }
}
