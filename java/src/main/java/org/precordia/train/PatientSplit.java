// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.List;
import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.signal.Philox;

/**
 * The training records, divided by patient: most are learned from, a seeded share of the patients
 * is held out for choosing epochs.
 *
 * @param learning records that are learned from, ascending
 * @param inner records of the patients held out, ascending
 */
record PatientSplit(int[] learning, int[] inner) {
  /** Names this stream among those of a seed. */
  private static final int STREAM = 0x53504C54;

  /** Divides the records that a run draws on. */
  static PatientSplit of(Shard shard, Recipe recipe, TrainingOptions options) {
    return of(shard, options.folds(), recipe.innerShare(), options.patients(), options.seed());
  }

  /**
   * Divides the records of some folds. Records without a fold belong to all folds; a record whose
   * signal occurs earlier in the shard is left out.
   *
   * @param share of the patients to hold out; at least one patient is
   * @param used share of either part that is used, at least one patient: of two such shares the
   *     smaller part lies in the larger one
   * @throws TrainingException when fewer than two patients are left
   */
  static PatientSplit of(Shard shard, List<Integer> folds, double share, double used, long seed) {
    int[] records =
        IntStream.range(0, shard.records()).filter(i -> trains(shard.record(i), folds)).toArray();
    int[] patients =
        IntStream.of(records).map(i -> shard.patientOf(i)).distinct().sorted().toArray();
    if (patients.length < 2) {
      throw new TrainingException(
          "%s: folds %s hold %d patients, training needs at least two (one is held out to choose"
              + " epochs); choose other folds or prepare more data",
          shard.file(), folds, patients.length);
    }
    shuffle(patients, new Philox(seed, 0, 0, STREAM));
    int held = Math.clamp(Math.round(share * patients.length), 1, patients.length - 1);
    return new PatientSplit(
        recordsOf(shard, records, patients, held, first(patients.length - held, used) + held),
        recordsOf(shard, records, patients, 0, first(held, used)));
  }

  /** All records, ascending. */
  int[] all() {
    return IntStream.concat(IntStream.of(learning), IntStream.of(inner)).sorted().toArray();
  }

  private static int first(int patients, double used) {
    return (int) Math.max(1, Math.round(used * patients));
  }

  /** The records of the patients from one place of a list to another. */
  private static int[] recordsOf(Shard shard, int[] records, int[] patients, int from, int to) {
    boolean[] member = new boolean[shard.patients()];
    for (int i = from; i < to; i++) {
      member[patients[i]] = true;
    }
    return IntStream.of(records).filter(i -> member[shard.patientOf(i)]).toArray();
  }

  private static boolean trains(ShardRecord record, List<Integer> folds) {
    return (record.fold() == 0 || folds.contains(record.fold())) && !record.isDuplicate();
  }

  /** Fisher–Yates. */
  static void shuffle(int[] values, Philox random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
