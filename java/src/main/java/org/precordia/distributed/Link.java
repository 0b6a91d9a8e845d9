// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The connection to a rank that has been accepted: one thread reads, one writes and gives a sign of
 * life where there is nothing to write. A stuck peer never blocks who sends.
 */
final class Link {
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final int SIGNS_OF_LIFE = 4;

  private final Member peer;
  private final Wire wire;
  private final Duration heartbeat;
  private final Listener listener;
  private final BlockingQueue<Frame> outgoing = new LinkedBlockingQueue<>();
  private Thread reader;
  private Thread writer;
  private volatile boolean closing;

  /** Who is told what comes; called from the reading thread. */
  interface Listener {
    /** A message other than signs of life and goodbyes. */
    void received(Member peer, Frame frame) throws IOException;

    /** The peer said goodbye. */
    void left(Member peer);

    /** The peer is gone without a goodbye. */
    void lost(RankFailure failure);
  }

  Link(Member peer, Wire wire, Duration heartbeat, Listener listener) {
    this.peer = peer;
    this.wire = wire;
    this.heartbeat = heartbeat;
    this.listener = listener;
  }

  void start() {
    reader = Thread.ofVirtual().name("precordia-from-rank-" + peer.rank()).start(this::read);
    writer = Thread.ofVirtual().name("precordia-to-rank-" + peer.rank()).start(this::write);
  }

  Member peer() {
    return peer;
  }

  void send(Frame frame) {
    outgoing.add(frame);
  }

  private void read() {
    String how;
    try {
      while (true) {
        Frame frame = wire.read(Wire.LIMIT, Deadline.in(heartbeat));
        if (frame.type() == Frame.Type.GOODBYE) {
          closing = true;
          listener.left(peer);
          return;
        }
        if (frame.type() != Frame.Type.PING) {
          listener.received(peer, frame);
        }
      }
    } catch (SocketTimeoutException e) {
      how = "no sign of life for %d s".formatted(Math.max(1, heartbeat.toSeconds()));
    } catch (Wire.ProtocolException e) {
      how = "connection damaged: " + e.getMessage();
    } catch (IOException e) {
      how = "connection lost";
    }
    if (!closing) {
      wire.close();
      listener.lost(new RankFailure(peer, how));
    }
  }

  private void write() {
    try {
      while (true) {
        Frame frame = outgoing.poll(heartbeat.toMillis() / SIGNS_OF_LIFE, TimeUnit.MILLISECONDS);
        wire.send(frame == null ? Frame.of(Frame.Type.PING) : frame);
        if (frame != null && frame.type() == Frame.Type.GOODBYE) {
          wire.endSending();
          return;
        }
      }
    } catch (IOException e) {
      // The reading thread meets the same end and reports it.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins to part in order: from now on the peer may go without being lost. */
  void sayGoodbye() {
    closing = true;
    outgoing.add(Frame.of(Frame.Type.GOODBYE));
  }

  /** Lets go at once of a peer that said goodbye. */
  void hangUp() {
    wire.close();
  }

  /** Waits until what was sent is out and the peer has answered by its own end, then lets go. */
  void close() {
    try {
      writer.join(FAREWELL);
      reader.join(FAREWELL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    wire.close();
  }
}
