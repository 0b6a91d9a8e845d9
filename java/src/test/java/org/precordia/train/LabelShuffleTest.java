// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Shard;

/** Labels of other patients: as often as before, and never one's own. */
class LabelShuffleTest {
  private static final long SEED = 5;

  @TempDir static Path folder;

  private static Shard shard;
  private static PatientSplit split;
  private static int[] sources;

  @BeforeAll
  static void shuffle() throws IOException {
    shard = TrainingShard.prepare(folder, 200);
    split = PatientSplit.of(shard, Recipe.twoStage(), TrainingShard.narrow().build());
    sources = LabelShuffle.sources(shard, split, SEED);
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  @Test
  void everyPartIsExchangedWithinItself() {
    for (int[] part : new int[][] {split.learning(), split.inner()}) {
      assertArrayEquals(part, IntStream.of(part).map(record -> sources[record]).sorted().toArray());
    }
  }

  @Test
  void nobodyOutsideOfTrainingIsTouched() {
    Set<Integer> training = new HashSet<>();
    IntStream.of(split.all()).forEach(training::add);
    for (int record = 0; record < shard.records(); record++) {
      if (!training.contains(record)) {
        assertEquals(record, sources[record]);
      }
    }
  }

  @Test
  void nobodyKeepsTheirOwn() {
    for (int record : split.learning()) {
      assertNotEquals(shard.patientOf(record), shard.patientOf(sources[record]));
    }
  }

  @Test
  void recordsOfAPatientStayTogether() {
    int apart = 0;
    for (int record : split.learning()) {
      for (int other : split.learning()) {
        boolean together = shard.patientOf(record) == shard.patientOf(other);
        boolean still = shard.patientOf(sources[record]) == shard.patientOf(sources[other]);
        apart += together != still ? 1 : 0;
      }
    }
    assertEquals(0, apart);
  }

  @Test
  void labelsOccurAsOftenAsBeforeAndPairingIsLost() {
    TrainingOptions options = TrainingShard.narrow().build();
    LabelMasks own = new TrainingData(shard, Recipe.twoStage(), options).labels();
    Recipe recipe = Recipe.twoStage().with("labels", "SHUFFLED");
    LabelMasks shuffled = new TrainingData(shard, recipe, options).labels();
    assertEquals(own.vocabulary(), shuffled.vocabulary());
    assertArrayEquals(counts(own), counts(shuffled));
    long same =
        IntStream.of(split.learning())
            .filter(i -> Arrays.equals(own.masks()[i], shuffled.masks()[i]))
            .count();
    double chance = agreementByChance(own);
    assertTrue(same < (chance + 0.15) * split.learning().length, same + " keep their labels");
  }

  /** How often each label occurs among the records that are learned from. */
  private static int[] counts(LabelMasks labels) {
    return IntStream.range(0, labels.vocabulary().size())
        .map(bit -> (int) IntStream.of(split.learning()).filter(i -> labels.has(i, bit)).count())
        .toArray();
  }

  /** Share of pairs of records whose sets of labels are equal. */
  private static double agreementByChance(LabelMasks labels) {
    int equal = 0;
    for (int i : split.learning()) {
      for (int j : split.learning()) {
        equal += Arrays.equals(labels.masks()[i], labels.masks()[j]) ? 1 : 0;
      }
    }
    return equal / Math.pow(split.learning().length, 2);
  }

  @Test
  void theSeedDecides() {
    assertArrayEquals(sources, LabelShuffle.sources(shard, split, SEED));
    assertFalse(Arrays.equals(sources, LabelShuffle.sources(shard, split, SEED + 1)));
  }
}
