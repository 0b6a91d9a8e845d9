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

  /**
   * Divides the records of some folds. Records without a fold belong to all folds; a record whose
   * signal occurs earlier in the shard is left out.
   *
   * @param share of the patients to hold out; at least one patient is
   * @throws TrainingException when fewer than two patients are left
   */
  static PatientSplit of(Shard shard, List<Integer> folds, double share, long seed) {
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
    boolean[] isInner = new boolean[shard.patients()];
    for (int i = 0; i < held; i++) {
      isInner[patients[i]] = true;
    }
    return new PatientSplit(
        IntStream.of(records).filter(i -> !isInner[shard.patientOf(i)]).toArray(),
        IntStream.of(records).filter(i -> isInner[shard.patientOf(i)]).toArray());
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
