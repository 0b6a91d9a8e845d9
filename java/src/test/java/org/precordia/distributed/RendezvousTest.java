// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.precordia.distributed.Meetings.failureOf;
import static org.precordia.distributed.Meetings.freePort;
import static org.precordia.distributed.Meetings.meet;
import static org.precordia.distributed.Meetings.of;
import static org.precordia.distributed.Meetings.options;
import static org.precordia.distributed.Meetings.telling;
import static org.precordia.distributed.Meetings.within;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks that meet, and every reason for which they do not. */
@Timeout(300)
class RendezvousTest {
  private static final Duration SHORT = Duration.ofSeconds(2);

  private final List<Rendezvous> prepared = new ArrayList<>();

  @AfterEach
  void closeAll() {
    // Rank 0 waits for the others' goodbyes.
    prepared.reversed().forEach(Rendezvous::close);
  }

  private Rendezvous prepare(RendezvousOptions options) {
    Rendezvous rendezvous = new Rendezvous(options);
    prepared.add(rendezvous);
    return rendezvous;
  }

  /** Rank 0 of a job at a port of the system's choice. */
  private Rendezvous first(int ranks) {
    return prepare(options(0, ranks, 0));
  }

  private static int port(Rendezvous first) {
    return first.address().port();
  }

  private static String refusal(CompletableFuture<?> refused) {
    return assertInstanceOf(RanksException.class, failureOf(refused)).getMessage();
  }

  @Test
  void whatTheFirstRankSharesReachesAll() throws Exception {
    Rendezvous first = first(4);
    List<CompletableFuture<Rendezvous>> met = new ArrayList<>(List.of(meet(first)));
    for (int rank = 1; rank < 4; rank++) {
      met.add(meet(prepare(options(rank, 4, port(first)))));
    }
    Random random = new Random(1);
    for (int size : new int[] {128, 0, Rendezvous.LARGEST_SHARE}) {
      byte[] data = new byte[size];
      random.nextBytes(data);
      for (CompletableFuture<Rendezvous> rank : met) {
        assertArrayEquals(data, rank.join().share(rank == met.getFirst() ? data : null));
      }
    }
    byte[] large = new byte[Rendezvous.LARGEST_SHARE + 1];
    assertThrows(IllegalArgumentException.class, () -> first.share(large));
    first.check();
    assertTrue(first.failure().isEmpty());
  }

  @Test
  void ranksMeetByIpv6() throws Exception {
    Rendezvous first;
    try {
      first = prepare(options(0, 2, 0).at(new Address("::1", 0)));
    } catch (RanksException e) {
      assumeTrue(false, "this machine has no IPv6: " + e.getMessage());
      return;
    }
    CompletableFuture<Rendezvous> met = meet(first);
    meet(prepare(options(1, 2, 0).at(first.address()))).join();
    met.join();
    assertTrue(first.address().toString().startsWith("[::1]:"), first.address().toString());
  }

  @Test
  void whoIsMissingIsNamedWhileWaitingAndInTheEnd() {
    List<String> lines = new CopyOnWriteArrayList<>();
    Rendezvous first = prepare(telling(within(options(0, 4, 0), SHORT), lines::add));
    CompletableFuture<Rendezvous> waiting = meet(first);
    CompletableFuture<Rendezvous> other = meet(prepare(options(2, 4, port(first))));
    String message = refusal(waiting);
    String missing = "waiting for ranks 1, 3 (2 of 4 missing) at " + first.address();
    assertTrue(message.contains(missing), message);
    assertTrue(message.contains("--rendezvous-timeout"), message);
    assertTrue(lines.stream().anyMatch(line -> line.startsWith(missing)), lines.toString());
    String told = refusal(other);
    assertTrue(told.contains("did not come together: rank 0 on host"), told);
    assertTrue(told.contains(missing), told);
  }

  @Test
  void aPortWhereNothingListensIsNamed() throws IOException {
    int port = freePort();
    String message = refusal(meet(prepare(within(options(1, 2, port), SHORT))));
    assertTrue(message.contains("rank 1 of 2"), message);
    assertTrue(message.contains("127.0.0.1:" + port), message);
    assertTrue(message.contains("refused, so nothing listens there"), message);
    assertTrue(message.contains("MASTER_PORT is the same"), message);
  }

  @Test
  void aRankMayComeBeforeTheFirst() throws IOException {
    int port = freePort();
    CompletableFuture<Rendezvous> early = meet(prepare(options(1, 2, port)));
    Rendezvous first = prepare(options(0, 2, port));
    meet(first).join();
    early.join().close();
  }

  @Test
  void anotherProgramAtThePortIsToldApart() throws IOException {
    try (ServerSocket server = Meetings.listener()) {
      Thread.ofVirtual().start(() -> answer(server, "HTTP/1.1 400 Bad Request\r\n\r\n"));
      String message = refusal(meet(prepare(options(1, 2, server.getLocalPort()))));
      assertTrue(message.contains("127.0.0.1:" + server.getLocalPort()), message);
      assertTrue(message.contains("is not rank 0 of a Precordia job"), message);
      assertTrue(message.contains("HTTP/1.1 400"), message);
      assertTrue(message.contains("another MASTER_PORT"), message);
    }
  }

  @ParameterizedTest
  @CsvSource({"false, does not answer", "true, closes the connection without an answer"})
  void aProgramThatSaysNothingIsToldApart(boolean closes, String said) throws IOException {
    try (ServerSocket server = Meetings.listener()) {
      if (closes) {
        Thread.ofVirtual().start(() -> answer(server, ""));
      }
      String message = refusal(meet(prepare(within(options(1, 2, server.getLocalPort()), SHORT))));
      assertTrue(message.contains(said), message);
    }
  }

  private static void answer(ServerSocket server, String text) {
    while (true) {
      try (Socket socket = server.accept()) {
        // What was sent is read, so that closing does not reset the connection.
        socket.setSoTimeout(200);
        int received = socket.getInputStream().read(new byte[Wire.GREETING_LIMIT]);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII), 0, text.length());
        if (received < 0) {
          return;
        }
      } catch (IOException e) {
        if (server.isClosed()) {
          return;
        }
      }
    }
  }

  @Test
  void aPortInUseIsNamedByTheFirstRank() throws IOException {
    try (ServerSocket server = Meetings.listener()) {
      String message =
          assertThrows(
                  RanksException.class, () -> new Rendezvous(options(0, 2, server.getLocalPort())))
              .getMessage();
      assertTrue(message.contains("127.0.0.1:" + server.getLocalPort()), message);
      assertTrue(message.contains("Another program"), message);
      assertTrue(message.contains("another MASTER_PORT"), message);
    }
  }

  @Test
  void theFirstRankRefusesAnotherMachinesAddress() {
    // An address of documentation (RFC 5737), which no machine has.
    RendezvousOptions elsewhere = options(0, 2, 0).at(new Address("192.0.2.77", 29500));
    String message =
        assertThrows(RanksException.class, () -> new Rendezvous(elsewhere)).getMessage();
    assertTrue(message.contains("192.0.2.77"), message);
    assertTrue(message.contains("MASTER_ADDR"), message);
  }

  @ParameterizedTest
  @CsvSource({
    "other, 1.0+abc, train --seed 1, two jobs meet, to job other, another MASTER_PORT",
    "job, 1.0+def, train --seed 1, different builds, is build 1.0+def, the same build",
    "job, 1.0+abc, train --seed 2, different things, train --seed 2, the same options"
  })
  void whoDiffersIsRefusedAndTheOthersGoOn(
      String job, String build, String asked, String what, String theirs, String remedy) {
    List<String> lines = new CopyOnWriteArrayList<>();
    Rendezvous first = prepare(telling(options(0, 2, 0), lines::add));
    CompletableFuture<Rendezvous> waiting = meet(first);
    RendezvousOptions sound = options(1, 2, port(first));
    String message = refusal(meet(prepare(of(sound, job, build, asked))));
    assertTrue(message.startsWith("rank 0 refused this rank: "), message);
    for (String part : List.of(what, theirs, remedy, "rank 0 on host")) {
      assertTrue(message.contains(part), part + " is not in " + message);
    }
    meet(prepare(sound)).join();
    waiting.join();
    assertTrue(lines.stream().anyMatch(line -> line.contains(what)), lines.toString());
  }

  @Test
  void anotherNumberOfRanksIsRefused() {
    Rendezvous first = first(2);
    CompletableFuture<Rendezvous> waiting = meet(first);
    String message = refusal(meet(prepare(options(2, 3, port(first)))));
    assertTrue(message.contains("rank 2 of 3, but rank 0 as one of 2"), message);
    assertTrue(message.contains("WORLD_SIZE"), message);
    meet(prepare(options(1, 2, port(first)))).join();
    waiting.join();
  }

  @Test
  void twoRanksOfOneNumberAreToldApart() {
    Rendezvous first = first(3);
    CompletableFuture<Rendezvous> waiting = meet(first);
    CompletableFuture<Rendezvous> one = meet(prepare(options(1, 3, port(first))));
    CompletableFuture<Rendezvous> twin = meet(prepare(options(1, 3, port(first))));
    CompletableFuture<Object> either = CompletableFuture.anyOf(one, twin);
    String message = assertInstanceOf(RanksException.class, failureOf(either)).getMessage();
    assertTrue(message.contains("two processes call themselves rank 1"), message);
    assertTrue(message.contains("pid " + ProcessHandle.current().pid()), message);
    meet(prepare(options(2, 3, port(first)))).join();
    waiting.join();
    // Also when all have met.
    String late = refusal(meet(prepare(options(2, 3, port(first)))));
    assertTrue(late.contains("two processes call themselves rank 2"), late);
  }

  @Test
  void aRankThatWaitsForOneThatEndedIsToldSo() throws Exception {
    Rendezvous first = first(2);
    CompletableFuture<Rendezvous> met = meet(first);
    Rendezvous other = meet(prepare(options(1, 2, port(first)))).join();
    met.join();
    CompletableFuture<byte[]> waiting = Meetings.async(() -> other.share(null));
    CompletableFuture<Void> closed =
        Meetings.async(
            () -> {
              first.close();
              return null;
            });
    assertTrue(refusal(waiting).contains("ended while rank 1 still waited"), refusal(waiting));
    other.close();
    closed.join();
    assertEquals(List.of(), first.failure().stream().toList());
  }
}
