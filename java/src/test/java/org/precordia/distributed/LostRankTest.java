// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ranks in processes of their own, of which one is killed, fails or ends in order. */
@Timeout(300)
class LostRankTest {
  private final List<RankProcess> ranks = new ArrayList<>();

  @AfterEach
  void endAll() {
    ranks.forEach(RankProcess::close);
  }

  private void meet(int count) throws InterruptedException {
    ranks.add(RankProcess.start(0, count, 0));
    int port = Integer.parseInt(ranks.getFirst().await("port:"));
    for (int rank = 1; rank < count; rank++) {
      ranks.add(RankProcess.start(rank, count, port));
    }
    for (RankProcess rank : ranks) {
      rank.await("met");
    }
  }

  @Test
  void aKilledRankIsMadeKnownToAll() throws Exception {
    meet(4);
    ranks.get(3).kill();
    for (RankProcess other : ranks.subList(0, 3)) {
      String failure = other.await("failure:");
      assertTrue(failure.startsWith("rank 3 on host "), failure);
      assertTrue(failure.endsWith(", pid " + ranks.get(3).pid() + ": connection lost"), failure);
    }
    for (RankProcess other : ranks.subList(0, 3)) {
      other.say("close");
      assertEquals(0, other.exitCode());
      assertTrue(
          other.rest().stream().noneMatch(line -> line.startsWith("failure:")), "told twice");
    }
  }

  @Test
  void theLossOfTheFirstRankIsSeenByTheOthers() throws Exception {
    meet(3);
    ranks.getFirst().kill();
    for (RankProcess other : ranks.subList(1, 3)) {
      String failure = other.await("failure:");
      assertTrue(failure.startsWith("rank 0 on host "), failure);
      assertTrue(failure.endsWith(": connection lost"), failure);
    }
  }

  @Test
  void anErrorIsPrintedByTheFirstRankAndToldToTheOthers() throws Exception {
    meet(3);
    ranks.get(2).say("fail out of memory");
    assertEquals(0, ranks.get(2).exitCode());
    String printed = ranks.getFirst().await("log:");
    assertTrue(printed.matches("rank 2 \\(.+\\): out of memory"), printed);
    for (RankProcess other : ranks.subList(0, 2)) {
      String failure = other.await("failure: rank 2 on host");
      assertTrue(failure.endsWith(": out of memory"), failure);
    }
  }

  @Test
  void aRankThatEndsInOrderIsNotLost() throws Exception {
    meet(3);
    for (int rank : new int[] {1, 2, 0}) {
      ranks.get(rank).say("close");
      assertEquals(0, ranks.get(rank).exitCode());
    }
    for (RankProcess rank : ranks) {
      assertEquals(List.of(), rank.rest());
    }
  }
}
