// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;

/** What samplers draw, and how training records are divided. */
class SamplerTest {
  @TempDir static Path folder;

  private static Shard shard;
  private static TrainingData data;

  @BeforeAll
  static void prepare() throws IOException {
    shard = TrainingShard.prepare(folder, 200);
    data = new TrainingData(shard, Recipe.twoStage(), TrainingShard.narrow().build());
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  private static Sampler.Index draw(StageConfig stage, int epoch, int steps) {
    return Sampler.of(stage, data, ReadingOrder.RECORDS).draw(Sampler.stream(5, 0, epoch), steps);
  }

  @Test
  void heldOutPatientsAreATenthAndApart() {
    Set<Integer> learning = patients(data.learningRecords());
    Set<Integer> inner = patients(data.innerRecords());
    assertEquals(
        Math.round(0.1 * (learning.size() + inner.size())), inner.size(), "a tenth is held out");
    learning.retainAll(inner);
    assertTrue(learning.isEmpty(), "no patient is on both sides");
    for (int record : data.learningRecords()) {
      assertTrue(shard.record(record).fold() <= 8);
    }
    PatientSplit again = PatientSplit.of(shard, TrainingShard.narrow().build().folds(), 0.1, 1, 5);
    assertArrayEquals(data.innerRecords(), again.inner());
    PatientSplit other = PatientSplit.of(shard, TrainingShard.narrow().build().folds(), 0.1, 1, 6);
    assertFalse(Arrays.equals(data.innerRecords(), other.inner()));
  }

  @Test
  void aSmallerShareOfPatientsLiesInALargerOne() {
    PatientSplit larger = null;
    for (double share : new double[] {1, 0.5, 0.25}) {
      TrainingOptions options = TrainingShard.narrow().patients(share).build();
      PatientSplit split = PatientSplit.of(shard, Recipe.joint(), options);
      int all = patients(data.learningRecords()).size();
      assertEquals(Math.round(share * all), patients(split.learning()).size());
      if (larger != null) {
        assertTrue(patients(larger.learning()).containsAll(patients(split.learning())));
        assertTrue(patients(larger.inner()).containsAll(patients(split.inner())));
      }
      larger = split;
    }
    TrainingData quarter =
        new TrainingData(shard, Recipe.joint(), TrainingShard.narrow().patients(0.25).build());
    assertFalse(
        quarter.standardisation().deviation().equals(data.standardisation().deviation()),
        "the share's own statistics");
  }

  private static Set<Integer> patients(int[] records) {
    Set<Integer> patients = new HashSet<>();
    for (int record : records) {
      patients.add(shard.record(record).patient());
    }
    return patients;
  }

  @Test
  void uniformDrawsEveryRecordOnceBeforeAnyAgain() {
    StageConfig stage = Recipe.joint().stages().getFirst();
    int records = (int) IntStream.of(data.learning().records()).distinct().count();
    Sampler.Index index = draw(stage, 0, 2 * records / 128 + 1);
    int[] drawn = records(index, 0);
    assertEquals(
        records, IntStream.of(Arrays.copyOf(drawn, records)).distinct().count(), "first pass");
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < 2 * records; i++) {
      counts.merge(drawn[i], 1, Integer::sum);
    }
    assertTrue(counts.values().stream().allMatch(count -> count == 2));
  }

  @Test
  void anEpochIsAFunctionOfSeedStageAndEpoch() {
    StageConfig stage = Recipe.twoStage().stages().getFirst();
    assertArrayEquals(draw(stage, 3, 2).views()[0], draw(stage, 3, 2).views()[0]);
    assertFalse(Arrays.equals(draw(stage, 3, 2).views()[0], draw(stage, 4, 2).views()[0]));
  }

  @Test
  void balancedDrawsCodesAlikeAndPatientsApart() {
    StageConfig stage = TrainingShard.small(Recipe.twoStage(), 24, 1, 1).stages().getFirst();
    BalancedSampler sampler = new BalancedSampler(stage, data);
    int steps = 200;
    Sampler.Index index = sampler.draw(Sampler.stream(1, 0, 0), steps);
    assertEquals(24 * steps, index.entries());
    int[] drawn = records(index, 0);
    for (int group = 0; group < drawn.length; group += 6) {
      Set<Integer> patients = patients(Arrays.copyOfRange(drawn, group, group + 6));
      assertEquals(6, patients.size(), "six windows of a code come from six patients");
    }
    // Every pool is drawn equally often: 4 of its codes a step, so its share is 4 / pools.
    int pools = sampler.poolNames().size();
    Map<String, Integer> labelled = new HashMap<>();
    for (int bit = 0; bit < data.labels().vocabulary().size(); bit++) {
      int code = bit;
      long hits = IntStream.of(drawn).filter(r -> data.labels().has(r, code)).count();
      long members =
          IntStream.of(data.learningRecords()).filter(r -> data.labels().has(r, code)).count();
      double share = members / (double) data.learningRecords().length;
      if (share < 0.5 / pools && members >= 20) {
        assertTrue(
            hits / (double) drawn.length > share,
            data.labels().vocabulary().get(bit) + " is rare and drawn more often than it occurs");
      }
      labelled.merge(data.labels().vocabulary().get(bit), (int) hits, Integer::sum);
    }
    assertTrue(labelled.values().stream().allMatch(hits -> hits > 0), labelled.toString());
  }

  @Test
  void rareCodesFallBackToTheirSuperclass() {
    BalancedSampler strict = new BalancedSampler(withLeastPatients(Integer.MAX_VALUE), data);
    for (String name : strict.poolNames()) {
      assertTrue(shard.superclasses().contains(name), name + " is a superclass");
    }
    BalancedSampler lenient = new BalancedSampler(withLeastPatients(0), data);
    assertEquals(data.labels().vocabulary(), lenient.poolNames());
  }

  private static StageConfig withLeastPatients(int patients) {
    return Recipe.twoStage()
        .with("stages.0.sampler.leastPatients", Integer.toString(patients))
        .stages()
        .getFirst();
  }

  @Test
  void theFirstViewIsCentredOnABeat() {
    StageConfig stage = Recipe.twoStage().stages().getFirst();
    Sampler.Index index = draw(stage, 0, 4);
    int centred = 0;
    int free = 0;
    for (int i = 0; i < index.entries(); i++) {
      ShardRecord record = shard.record(index.views()[0][2 * i]);
      assertEquals(record.index(), index.views()[1][2 * i], "views share the record");
      int first = index.views()[0][2 * i + 1];
      int second = index.views()[1][2 * i + 1];
      assertTrue(first >= 0 && first + Windows.LENGTH <= record.length());
      assertTrue(Math.abs(first - second) <= Windows.LENGTH / 2, "the beat lies in the window");
      boolean inside = first > 0 && first + Windows.LENGTH < record.length();
      if (inside && Arrays.binarySearch(record.rPeaks(), first + Windows.LENGTH / 2) >= 0) {
        centred++;
      } else if (inside) {
        free++;
      }
    }
    assertTrue(centred > 20 * Math.max(free, 1), centred + " on a beat, " + free + " not");
  }

  @Test
  void masksKeepTheLabelsOfTheirRecords() {
    LabelMasks labels = data.labels();
    for (int i = 0; i < shard.records(); i++) {
      ShardRecord record = shard.record(i);
      for (int bit = 0; bit < labels.vocabulary().size(); bit++) {
        int source = shard.labels().indexOf(labels.vocabulary().get(bit));
        assertEquals(record.hasLabel(source), labels.has(i, bit));
      }
    }
  }

  private static int[] records(Sampler.Index index, int view) {
    return IntStream.range(0, index.entries()).map(i -> index.views()[view][2 * i]).toArray();
  }
}
