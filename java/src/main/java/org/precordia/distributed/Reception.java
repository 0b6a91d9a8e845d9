// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Rank 0's door: who calls says who it is within some seconds, and is taken, or told why not. It
 * stays open while the job runs, so that a second job on the same port learns what is wrong.
 */
final class Reception implements AutoCloseable {
  private static final Duration GREETING = Duration.ofSeconds(30);
  private static final int BACKLOG = 1024;

  /** Calls at a time of which nobody knows yet who it is. */
  private static final int UNKNOWN = 1024;

  /** Most lines about callers that are turned away. */
  private static final int REPORTED = 20;

  private final RendezvousOptions options;
  private final FirstRank first;
  private final ServerSocket server;
  private final Address address;
  private final Semaphore unknown = new Semaphore(UNKNOWN);
  private final List<String> refused = new ArrayList<>();
  private int reported;

  Reception(RendezvousOptions options, FirstRank first) {
    this.options = options;
    this.first = first;
    this.server = listen(options.address());
    this.address = options.address().withPort(server.getLocalPort());
    Thread.ofPlatform().daemon().name("precordia-rendezvous").start(this::receive);
  }

  Address address() {
    return address;
  }

  /** Who was refused so far, and why. */
  synchronized List<String> refused() {
    return List.copyOf(refused);
  }

  private static ServerSocket listen(Address address) {
    ServerSocket server = null;
    boolean listening = false;
    try {
      InetAddress own = InetAddress.getByName(address.host());
      server = new ServerSocket();
      server.bind(at(address, own), BACKLOG);
      listening = true;
      return server;
    } catch (UnknownHostException e) {
      throw new RanksException(
          "rank 0 cannot listen at %s: no machine is known by the name %s. MASTER_ADDR (or --rendezvous) must name rank 0's machine"
              .formatted(address, address.host()),
          e);
    } catch (BindException e) {
      throw new RanksException(
          ("rank 0 cannot listen at %s on host %s: %s. Another program, perhaps another job or"
               + " torchrun itself, has this port: choose another MASTER_PORT, or give --rendezvous"
               + " HOST:PORT, the same for every rank")
              .formatted(address, Member.hostName(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new RanksException(
          "rank 0 cannot listen at %s on host %s: %s"
              .formatted(address, Member.hostName(), e.getMessage()),
          e);
    } finally {
      if (!listening) {
        closeQuietly(server);
      }
    }
  }

  /**
   * Loopback alone where that was asked for in so many words. Every other name means all of the
   * machine's addresses: its own name often is a loopback address at home and another elsewhere.
   */
  private static SocketAddress at(Address address, InetAddress own) throws SocketException {
    boolean loopback = own.isLoopbackAddress() && !address.host().equals(Member.hostName());
    if (!loopback && !own.isLoopbackAddress() && NetworkInterface.getByInetAddress(own) == null) {
      throw new RanksException(
          "rank 0 runs on host %s, but MASTER_ADDR (or --rendezvous) is %s, %s, which is another machine: give the address of the machine that has rank 0"
              .formatted(Member.hostName(), address.host(), own.getHostAddress()));
    }
    return loopback
        ? new InetSocketAddress(own, address.port())
        : new InetSocketAddress(address.port());
  }

  private void receive() {
    while (!server.isClosed()) {
      try {
        unknown.acquire();
        Socket socket = server.accept();
        Thread.ofVirtual().name("precordia-caller").start(() -> greet(socket));
      } catch (IOException e) {
        unknown.release();
        if (!server.isClosed()) {
          report("a call failed: " + e.getMessage());
          pause();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Where accepting fails for want of file descriptors, it fails again at once. */
  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void greet(Socket socket) {
    boolean kept = false;
    try {
      kept = introduce(new Wire(socket));
    } catch (IOException e) {
      report(
          "a caller from %s was turned away: %s"
              .formatted(socket.getInetAddress().getHostAddress(), e.getMessage()));
    } finally {
      unknown.release();
      if (!kept) {
        closeQuietly(socket);
      }
    }
  }

  private boolean introduce(Wire wire) throws IOException {
    Deadline deadline = Deadline.in(GREETING);
    int version = wire.readGreeting(deadline);
    wire.sendGreeting();
    if (version != Wire.VERSION) {
      String why =
          "it speaks version %d of the protocol and rank 0 version %d: start every rank from the same build"
              .formatted(version, Wire.VERSION);
      wire.send(Frame.text(Frame.Type.REFUSE, why));
      throw new Wire.ProtocolException(why);
    }
    Hello hello = Hello.read(wire.read(Wire.GREETING_LIMIT, deadline));
    String objection = objection(hello, wire);
    if (objection.isEmpty()) {
      return true;
    }
    wire.send(Frame.text(Frame.Type.REFUSE, objection));
    refuse(hello.member(), objection);
    return false;
  }

  /** Takes the rank where it can be one of this job, and says otherwise why not. */
  private String objection(Hello hello, Wire wire) {
    String objection = new Agreement(options, first.self(), address).objection(hello);
    return objection.isEmpty()
        ? first.take(new Link(hello.member(), wire, options.heartbeat(), first), hello.nonce())
        : objection;
  }

  private void refuse(Member member, String objection) {
    synchronized (this) {
      if (refused.size() < REPORTED) {
        refused.add(objection);
      }
    }
    report("refused %s: %s".formatted(member, objection));
  }

  private void report(String line) {
    synchronized (this) {
      if (++reported > REPORTED) {
        return;
      }
    }
    options.log().accept(line);
  }

  private static void closeQuietly(Closeable socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // What is wrong with a connection that is given up changes nothing.
      return;
    }
  }

  @Override
  public void close() {
    closeQuietly(server);
  }
}
