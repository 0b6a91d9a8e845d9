// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;
import org.precordia.signal.Philox;
import org.precordia.train.StageConfig.Sampling;

/**
 * Codes first, then distinct patients of each code, then one window of each patient: rare diagnoses
 * are seen as often as common ones, and positives come from different people. A code with too few
 * patients falls back to its superclass, of which more patients are known. Windows come from
 * wherever their records lie: rare classes would be too far apart to be read in blocks.
 */
final class BalancedSampler implements Sampler {
  private final Sampling sampling;
  private final TrainingData data;
  private final Shard shard;
  private final boolean[] centred;

  private final Windows.Selection windows;

  /** Records with usable windows, ascending, and where the windows of each begin. */
  private final int[] records;

  private final int[] firsts;

  /** One pool a code: the patients to draw from, each with the records that qualify. */
  private final List<Pool> pools = new ArrayList<>();

  /**
   * @param records by patient
   * @param firsts where each patient's records begin, and the number of records
   */
  private record Pool(String name, int[] records, int[] firsts) {
    int patients() {
      return firsts.length - 1;
    }

    int draw(int patient, Philox random) {
      return records[firsts[patient] + random.nextInt(firsts[patient + 1] - firsts[patient])];
    }
  }

  BalancedSampler(StageConfig stage, TrainingData data) {
    this.sampling = stage.sampler();
    this.data = data;
    this.shard = data.shard();
    this.centred = new boolean[stage.views().size()];
    for (int view = 0; view < centred.length; view++) {
      centred[view] = stage.views().get(view).centreOnBeat();
    }
    windows = data.learning();
    firsts = windows.firsts();
    records = IntStream.of(firsts).map(i -> windows.records()[i]).toArray();
    LabelMasks labels = data.labels();
    for (int bit = 0; bit < labels.vocabulary().size(); bit++) {
      int code = bit;
      Pool pool = pool(labels.vocabulary().get(bit), record -> labels.has(record, code));
      if (pool.patients() < sampling.leastPatients()) {
        pool = superclassPool(pool, labels, code);
      }
      if (pool.patients() > 0) {
        pools.add(pool);
      }
    }
    if (pools.isEmpty()) {
      throw new TrainingException(
          "%s: no training record has a label, so stage %s has no classes to balance; use recipe"
              + " joint, or prepare the data with labels",
          shard.file(), stage.name());
    }
  }

  private interface Condition {
    boolean holds(int record);
  }

  private Pool pool(String name, Condition condition) {
    long[] byPatient =
        IntStream.of(records)
            .filter(condition::holds)
            .mapToLong(record -> (long) shard.patientOf(record) << Integer.SIZE | record)
            .sorted()
            .toArray();
    int[] patientStarts =
        IntStream.rangeClosed(0, byPatient.length)
            .filter(
                i ->
                    i == 0
                        || i == byPatient.length
                        || byPatient[i] >> Integer.SIZE != byPatient[i - 1] >> Integer.SIZE)
            .toArray();
    return new Pool(
        name, LongStream.of(byPatient).mapToInt(key -> (int) key).toArray(), patientStarts);
  }

  /** The pool of the superclass that a rare code most often comes with, the rarer one of equals. */
  private Pool superclassPool(Pool rare, LabelMasks labels, int code) {
    int classes = shard.superclasses().size();
    int[] together = new int[classes];
    int[] total = new int[classes];
    for (int record : records) {
      int mask = data.superclasses(record);
      for (int c = 0; c < classes; c++) {
        int member = mask >>> c & 1;
        total[c] += member;
        together[c] += labels.has(record, code) ? member : 0;
      }
    }
    int best =
        IntStream.range(0, classes)
            .boxed()
            .max(
                (a, b) ->
                    together[a] != together[b]
                        ? Integer.compare(together[a], together[b])
                        : Integer.compare(total[b], total[a]))
            .orElse(-1);
    if (best < 0 || together[best] == 0) {
      return rare;
    }
    int bit = best;
    return pool(
        shard.superclasses().get(bit), record -> (data.superclasses(record) >>> bit & 1) != 0);
  }

  /** Names of the pools: a code, or the superclass that stands for it. */
  List<String> poolNames() {
    return pools.stream().map(Pool::name).toList();
  }

  @Override
  public Index draw(Philox random, int steps) {
    int[][] views = new int[centred.length][2 * sampling.batch() * steps];
    int at = 0;
    for (int step = 0; step < steps; step++) {
      for (int code : codes(random)) {
        for (int record : draw(pools.get(code), random)) {
          int start = start(record, random);
          for (int view = 0; view < views.length; view++) {
            views[view][at] = record;
            views[view][at + 1] =
                centred[view] ? centredOnBeat(shard.record(record), start, random) : start;
          }
          at += 2;
        }
      }
    }
    return new Index(views, List.of());
  }

  private int[] codes(Philox random) {
    return choose(pools.size(), sampling.codes(), sampling.withReplacement(), random);
  }

  /** One of a record's usable starts. */
  private int start(int record, Philox random) {
    int place = Arrays.binarySearch(records, record);
    int end = place + 1 < firsts.length ? firsts[place + 1] : windows.size();
    return windows.starts()[firsts[place] + random.nextInt(end - firsts[place])];
  }

  private int[] draw(Pool pool, Philox random) {
    int[] patients =
        choose(pool.patients(), sampling.windowsPerCode(), sampling.withReplacement(), random);
    return Arrays.stream(patients).map(patient -> pool.draw(patient, random)).toArray();
  }

  /** Some of n things; distinct, unless repeats are wanted or there are too few. */
  private static int[] choose(int n, int count, boolean withReplacement, Philox random) {
    if (withReplacement || n < count) {
      int[] chosen = new int[count];
      for (int i = 0; i < count; i++) {
        // Without replacement from too few: all of them once, then any.
        chosen[i] = withReplacement || i >= n ? random.nextInt(n) : i;
      }
      return chosen;
    }
    Set<Integer> seen = new HashSet<>();
    return IntStream.generate(() -> random.nextInt(n)).filter(seen::add).limit(count).toArray();
  }

  /**
   * The start that centres a window on one of the R peaks inside it; the same start without any.
   */
  private static int centredOnBeat(ShardRecord record, int start, Philox random) {
    int[] peaks = record.rPeaks();
    int from = lowerBound(peaks, start);
    int to = lowerBound(peaks, start + Windows.LENGTH);
    int peak = from + random.nextInt(Math.max(1, to - from));
    if (from == to) {
      return start;
    }
    return Math.clamp(peaks[peak] - Windows.LENGTH / 2, 0, record.length() - Windows.LENGTH);
  }

  private static int lowerBound(int[] sorted, int value) {
    int place = Arrays.binarySearch(sorted, value);
    return place >= 0 ? place : -place - 1;
  }
}
