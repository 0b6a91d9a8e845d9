// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;

/**
 * Which patients of a shard are one person: where a recording was published under two names, its
 * other recordings are that person's too, and must not count as another patient's.
 */
final class SamePatients {
  private final int[] first;

  SamePatients(Shard shard) {
    first = IntStream.range(0, shard.patients()).toArray();
    for (int i = 0; i < shard.records(); i++) {
      ShardRecord record = shard.record(i);
      if (record.isDuplicate()) {
        int one = of(record.patient());
        int other = of(shard.patientOf(record.duplicateOf()));
        first[Math.max(one, other)] = Math.min(one, other);
      }
    }
  }

  /** The first of those patients of the shard who are the same person. */
  int of(int patient) {
    int at = patient;
    while (first[at] != at) {
      at = first[at];
    }
    return at;
  }
}
