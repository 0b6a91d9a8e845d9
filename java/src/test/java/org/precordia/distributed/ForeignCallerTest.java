// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.distributed.Meetings.HOST;
import static org.precordia.distributed.Meetings.LONG;
import static org.precordia.distributed.Meetings.beating;
import static org.precordia.distributed.Meetings.meet;
import static org.precordia.distributed.Meetings.options;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that are no ranks, or ranks that do not behave. */
@Timeout(300)
class ForeignCallerTest {
  private static final byte[] GREETING = {'P', 'R', 'E', 'C', 'O', 'R', 'D', 'I', 0, 0, 0, 1};

  private static Socket call(Rendezvous first, byte[]... sent) throws IOException {
    Socket socket = new Socket(HOST, first.address().port());
    for (byte[] bytes : sent) {
      socket.getOutputStream().write(bytes);
    }
    return socket;
  }

  /** A rank in so far as it introduces itself well. */
  private static Wire introduce(Rendezvous first, RendezvousOptions options) throws IOException {
    Wire wire = new Wire(call(first));
    wire.sendGreeting();
    wire.send(Hello.of(options, 42).frame());
    assertEquals(Wire.VERSION, wire.readGreeting(Deadline.in(LONG)));
    return wire;
  }

  @Test
  void foreignBytesKeepNobodyFromMeeting() throws Exception {
    List<Socket> foreign = new ArrayList<>();
    try (Rendezvous first = new Rendezvous(options(0, 2, 0))) {
      CompletableFuture<Rendezvous> waiting = meet(first);
      Random random = new Random(7);
      for (int i = 0; i < 60; i++) {
        byte[] noise = new byte[random.nextInt(3000)];
        random.nextBytes(noise);
        foreign.add(call(first, noise));
        foreign.add(call(first, GREETING, noise));
      }
      foreign.add(call(first, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      // Silent, cut short, and of a length that nobody should believe.
      foreign.add(call(first));
      foreign.add(call(first, new byte[] {'P', 'R', 'E'}));
      foreign.add(call(first, GREETING, new byte[] {0, 0x7f, -1, -1, -1}));
      foreign.add(call(first, GREETING, new byte[] {0, -1, -1, -1, -1}));
      foreign.add(call(first, GREETING, new byte[] {0, 0, 0, 0, 3, 1, 2, 3}));
      try (Rendezvous other = new Rendezvous(options(1, 2, first.address().port()))) {
        meet(other).join();
        waiting.join();
        foreign.add(call(first, new byte[] {1}));
        assertTrue(first.failure().isEmpty());
      }
    } finally {
      for (Socket socket : foreign) {
        socket.close();
      }
    }
  }

  @Test
  void anotherVersionOfTheProtocolIsRefusedInWords() throws Exception {
    try (Rendezvous first = new Rendezvous(options(0, 2, 0));
        Wire wire = new Wire(call(first, "PRECORDI\0\0\0\2".getBytes(StandardCharsets.US_ASCII)))) {
      assertEquals(Wire.VERSION, wire.readGreeting(Deadline.in(LONG)));
      Frame refusal = wire.read(Wire.GREETING_LIMIT, Deadline.in(LONG));
      assertEquals(Frame.Type.REFUSE, refusal.type());
      assertTrue(refusal.text().contains("version 2"), refusal.text());
    }
  }

  @Test
  void ranksThatCannotBeAreRefused() throws Exception {
    try (Rendezvous first = new Rendezvous(options(0, 2, 0))) {
      for (int rank : new int[] {-1, 2, 0}) {
        Hello sound = Hello.of(options(1, 2, 0), 1);
        Hello wrong =
            new Hello(
                new Member(rank, "h", 1),
                2,
                sound.job(),
                sound.build(),
                sound.fingerprint(),
                sound.options(),
                1);
        try (Wire wire = new Wire(call(first))) {
          wire.sendGreeting();
          wire.send(wrong.frame());
          wire.readGreeting(Deadline.in(LONG));
          assertEquals(Frame.Type.REFUSE, wire.read(Wire.GREETING_LIMIT, Deadline.in(LONG)).type());
        }
      }
    }
  }

  @Test
  void aRankThatGoesBeforeAllHaveComeEndsTheMeeting() throws Exception {
    try (Rendezvous first = new Rendezvous(options(0, 3, 0));
        Wire early = introduce(first, options(1, 3, 0))) {
      CompletableFuture<Rendezvous> waiting = meet(first);
      early.send(Frame.of(Frame.Type.GOODBYE));
      String message = Meetings.failureOf(waiting).getMessage();
      assertTrue(message.contains("did not come together: rank 1 on host"), message);
      assertTrue(message.contains("left before all ranks had met"), message);
    }
  }

  @Test
  void aRankWithoutSignsOfLifeIsLost() throws Exception {
    RendezvousOptions options = beating(options(0, 2, 0), Duration.ofSeconds(1));
    AtomicInteger told = new AtomicInteger();
    CompletableFuture<RankFailure> failure = new CompletableFuture<>();
    try (Rendezvous first = new Rendezvous(options)) {
      first.onFailure(
          lost -> {
            told.incrementAndGet();
            failure.complete(lost);
          });
      try (Wire _ = introduce(first, options(1, 2, 0))) {
        first.meet();
        assertEquals("no sign of life for 1 s", failure.join().what());
        assertEquals(1, failure.join().member().rank());
        assertEquals(1, told.get());
        assertFalse(first.failure().isEmpty());
        CompletableFuture<RankFailure> late = new CompletableFuture<>();
        first.onFailure(late::complete);
        assertEquals(failure.join(), late.join(), "whoever asks late is told at once");
      }
    }
  }

  @Test
  void aRankThatSpeaksNonsenseIsLost() throws Exception {
    for (Frame nonsense :
        List.of(
            Frame.of(Frame.Type.HELLO),
            Frame.of(Frame.Type.FAIL),
            new Frame(Frame.Type.SHARE, new byte[Wire.LIMIT + 1]))) {
      CompletableFuture<RankFailure> failure = new CompletableFuture<>();
      try (Rendezvous first = new Rendezvous(options(0, 2, 0));
          Wire wire = introduce(first, options(1, 2, 0))) {
        first.onFailure(failure::complete);
        first.meet();
        sendAsFarAsItGoes(wire, nonsense);
        assertEquals(1, failure.join().member().rank());
      }
    }
  }

  /** Rank 0 hangs up at the header of what is too long. */
  private static void sendAsFarAsItGoes(Wire wire, Frame frame) throws IOException {
    try {
      wire.send(frame);
    } catch (IOException e) {
      if (frame.body().length <= Wire.LIMIT) {
        throw e;
      }
    }
  }
}
