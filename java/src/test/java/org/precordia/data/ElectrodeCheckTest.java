// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.precordia.synth.SyntheticCohort;

/** Electrodes that the test swaps by their potentials; no rule of the check is used to do so. */
class ElectrodeCheckTest {
  private static final int PATIENTS = 40;

  /**
   * Potentials of the electrodes against the right arm; the right leg is taken to have the left's.
   */
  private enum Swap {
    NONE(""),
    ARMS("right and left arm"),
    RIGHT_ARM_LEFT_LEG("right arm and left leg"),
    RIGHT_ARM_RIGHT_LEG("right arm and right leg"),
    LEFT_ARM_RIGHT_LEG("left arm and right leg");

    private final String name;

    Swap(String name) {
      this.name = name;
    }

    Recording apply(Recording r) {
      float[] leftArm = r.signal(Lead.I);
      float[] leg = r.signal(Lead.II);
      float[] one = new float[leg.length];
      float[] two = new float[leg.length];
      for (int t = 0; t < leg.length; t++) {
        float ra =
            this == ARMS ? leftArm[t] : this == NONE || this == LEFT_ARM_RIGHT_LEG ? 0 : leg[t];
        float la = this == ARMS ? 0 : this == LEFT_ARM_RIGHT_LEG ? leg[t] : leftArm[t];
        float ll = this == RIGHT_ARM_LEFT_LEG ? 0 : leg[t];
        one[t] = la - ra;
        two[t] = ll - ra;
      }
      return r.withLeads(
          List.of(Lead.I, Lead.II, Lead.V6), new float[][] {one, two, r.signal(Lead.V6)});
    }
  }

  private static int named(Swap swap, List<Recording> recordings) throws DataException {
    int named = 0;
    for (Recording recording : recordings) {
      List<String> found = ElectrodeCheck.suspicions(swap.apply(recording));
      boolean right = swap == Swap.NONE ? found.isEmpty() : found.toString().contains(swap.name);
      named += right ? 1 : 0;
    }
    return named;
  }

  private static List<Recording> synthetic() {
    SyntheticCohort cohort = new SyntheticCohort(PATIENTS, 3);
    return Stream.iterate(0, i -> i + 1).limit(PATIENTS).map(cohort::read).toList();
  }

  @Test
  void swapsAreNamedAndSoundRecordingsAreNotSuspected() throws DataException {
    List<Recording> recordings = synthetic();
    assertTrue(named(Swap.NONE, recordings) >= PATIENTS - 1);
    assertTrue(named(Swap.ARMS, recordings) >= 0.8 * PATIENTS);
    assertEquals(PATIENTS, named(Swap.RIGHT_ARM_RIGHT_LEG, recordings));
    assertEquals(PATIENTS, named(Swap.LEFT_ARM_RIGHT_LEG, recordings));
  }

  @Test
  void nothingIsSaidWithoutLimbLeadsOrAtARateThatCannotBeCompared() throws DataException {
    Recording recording = synthetic().getFirst();
    Recording chest = recording.withLeads(List.of(Lead.V6), new float[1][500]);
    assertEquals(List.of(), ElectrodeCheck.suspicions(chest));
    Recording odd =
        new Recording(
            "odd", Math.PI, recording.leads(), recording.millivolts(), recording.comments());
    assertEquals(List.of(), ElectrodeCheck.suspicions(odd));
  }

  @Test
  void realRecordsAreSeldomSuspectedWrongly() throws IOException {
    Path folder = RealData.require("ptb-xl/records100/00000");
    List<Path> headers;
    try (Stream<Path> files = Files.list(folder)) {
      headers = files.filter(f -> f.toString().endsWith(".hea")).sorted().limit(200).toList();
    }
    List<Recording> recordings = new ArrayList<>();
    for (Path header : headers) {
      recordings.add(Wfdb.read(header));
    }
    assertTrue(named(Swap.NONE, recordings) >= 0.99 * recordings.size());
    assertTrue(named(Swap.ARMS, recordings) >= 0.8 * recordings.size());
    assertTrue(named(Swap.RIGHT_ARM_LEFT_LEG, recordings) >= 0.25 * recordings.size());
  }
}
