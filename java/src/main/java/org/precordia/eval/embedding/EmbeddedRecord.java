// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.ShardRecord;
import org.precordia.model.NearestNeighbours;

/**
 * What a network makes of a record: means over its windows.
 *
 * @param record its entry in the shard
 * @param h embedding [C]
 * @param z contrastive embedding [D]
 * @param logits of the classifier [labels]; empty without one
 */
record EmbeddedRecord(ShardRecord record, float[] h, float[] z, float[] logits) {
  /** Its only superclass, or −1 where it has none or several. */
  int onlySuperclass() {
    int mask = record.superclasses();
    return Integer.bitCount(mask) == 1 ? Integer.numberOfTrailingZeros(mask) : -1;
  }

  /** h scaled to length 1. */
  float[] unitH() {
    return unit(h);
  }

  /** z scaled to length 1. */
  float[] unitZ() {
    return unit(z);
  }

  private static float[] unit(float[] row) {
    float[] copy = row.clone();
    NearestNeighbours.normalise(copy);
    return copy;
  }

  /** The patient of each record, numbered from 0 in order of appearance. */
  static int[] patients(List<EmbeddedRecord> records) {
    Map<Integer, Integer> numbers = new HashMap<>();
    int[] patients = new int[records.size()];
    for (int i = 0; i < patients.length; i++) {
      int patient = records.get(i).record.patient();
      numbers.putIfAbsent(patient, numbers.size());
      patients[i] = numbers.get(patient);
    }
    return patients;
  }
}
