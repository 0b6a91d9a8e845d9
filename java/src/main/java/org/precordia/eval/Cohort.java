// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;

/**
 * Whose windows an evaluation rests on: records, patients and groups, records and patients numbered
 * in order of appearance.
 */
final class Cohort {
  private final Shard shard;
  private final int windows;
  private final SamePatients same;
  private final Map<Integer, Integer> windowsOf = new LinkedHashMap<>();
  private final Map<Integer, Integer> numbers = new HashMap<>();
  private final Map<Integer, Integer> patients = new HashMap<>();
  private final List<CohortGroup> groups;

  Cohort(Shard shard, Windows.Selection selection) {
    this.shard = shard;
    this.windows = selection.size();
    this.same = new SamePatients(shard);
    List<CohortGroup> all = CohortGroup.of(shard);
    for (int index : selection.records()) {
      ShardRecord record = shard.record(index);
      numbers.putIfAbsent(index, numbers.size());
      windowsOf.merge(index, 1, Integer::sum);
      int person = person(record);
      patients.putIfAbsent(person, patients.size());
      all.forEach(group -> group.count(record, person));
    }
    groups = all.stream().filter(CohortGroup::told).toList();
  }

  int windows() {
    return windows;
  }

  int records() {
    return windowsOf.size();
  }

  int patients() {
    return patients.size();
  }

  List<CohortGroup> groups() {
    return groups;
  }

  /** Indices of the records in the shard, in order of appearance. */
  List<Integer> indices() {
    return List.copyOf(windowsOf.keySet());
  }

  /** The number of a record of the shard. */
  int number(int index) {
    return numbers.get(index);
  }

  int windowsOf(int index) {
    return windowsOf.get(index);
  }

  ShardRecord record(int index) {
    return shard.record(index);
  }

  /** The number of a record's patient. */
  int patient(int index) {
    return patients.get(person(shard.record(index)));
  }

  /** The patient of the shard that a record's patient is counted as. */
  int person(ShardRecord record) {
    return same.of(record.patient());
  }

  /** That patient's identifier. */
  String patientName(int index) {
    return shard.patient(person(shard.record(index)));
  }

  /** Names of a record's superclasses. */
  List<String> superclasses(int index) {
    ShardRecord record = shard.record(index);
    return groups.stream()
        .filter(group -> group.kind() == GroupKind.SUPERCLASS && group.has(record))
        .map(CohortGroup::name)
        .toList();
  }
}
