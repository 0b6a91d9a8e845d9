// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.precordia.benchmark.Measurement;

class PeerTaskTest {
  private final List<String> passes = new ArrayList<>();

  private final class Made implements Work {
    private final String name;
    private final float[] result;

    Made(String name, float... result) {
      this.name = name;
      this.result = result;
    }

    @Override
    public void run() {
      passes.add(name);
    }

    @Override
    public float[] result() {
      return result;
    }

    @Override
    public void close() {}
  }

  private PeerTask task(PeerTask.Rival... rivals) {
    return new PeerTask(
        "made",
        "precordia",
        PeerTask.sizes("n", 3),
        new Made("own", 1, 2, 4),
        List.of(rivals),
        ms -> ms,
        "ms");
  }

  @Test
  void contestantsTakeTurnsForwardsAndBackwards() {
    PeerTask.Outcome outcome =
        task(new PeerTask.Rival("other", new Made("other", 1, 2, 4), "")).run(6, 1e-9);
    List<String> turns = new ArrayList<>();
    for (String pass : passes.subList(2, passes.size())) {
      if (turns.isEmpty() || !turns.getLast().equals(pass)) {
        turns.add(pass);
      }
    }
    // Who comes last in a round begins the next one.
    assertEquals(List.of("own", "other", "own", "other", "own", "other", "own"), turns);
    Measurement other = outcome.lines().getLast();
    assertEquals(6, other.rounds().length);
    assertTrue(other.number("ratio_low") <= other.number("ratio"));
    assertTrue(other.number("ratio") <= other.number("ratio_high"));
  }

  @Test
  void otherResultsAreNotTimed() {
    PeerTask wrong = task(new PeerTask.Rival("other", new Made("other", 1, 2, 4.1f), ""));
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> wrong.run(6, 1e-9));
    assertTrue(e.getMessage().contains("made, other"), e.getMessage());
    assertEquals(List.of("own", "other"), passes);
  }

  @Test
  void notANumberAgreesWithNothing() {
    assertThrows(
        IllegalStateException.class,
        () -> Agreement.check("made", new float[] {1, 2}, new float[] {1, Float.NaN}));
  }

  @Test
  void anAbsentPeerIsNamed() {
    PeerTask.Outcome outcome = task(new PeerTask.Rival("libtorch", null, "not here")).run(6, 1e-9);
    Measurement absent = outcome.lines().getLast();
    assertEquals(Measurement.UNSUPPORTED, absent.status());
    assertEquals("not here", absent.note());
    assertEquals("libtorch", absent.id().variant());
  }

  @Test
  void optionsAreNamedWhenNotUnderstood() {
    assertEquals(12, PeerOptions.parse("--rounds", "12", "--quick").rounds());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> PeerOptions.parse("--turns", "3"));
    assertTrue(e.getMessage().contains("--turns"), e.getMessage());
  }
}
