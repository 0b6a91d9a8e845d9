// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;

/**
 * Whose windows an evaluation rests on: records, patients and superclasses, records and patients
 * numbered in order of appearance.
 */
final class Cohort {
  /** Superclasses that are reported: NORM, MI, STTC, CD, HYP. */
  private static final int SUPERCLASSES = 5;

  private final Shard shard;
  private final int windows;
  private final Map<Integer, Integer> windowsOf = new LinkedHashMap<>();
  private final Map<Integer, Integer> numbers = new HashMap<>();
  private final Map<Integer, Integer> patients = new HashMap<>();
  private final List<Group> groups = new ArrayList<>();

  /** The records of one superclass. */
  static final class Group {
    private final String name;
    private final int mask;
    private final Map<Integer, Integer> patients = new HashMap<>();
    private int windows;

    private Group(String name, int mask) {
      this.name = name;
      this.mask = mask;
    }

    String name() {
      return name;
    }

    int patients() {
      return patients.size();
    }

    int windows() {
      return windows;
    }

    boolean has(ShardRecord record) {
      return (record.superclasses() & mask) != 0;
    }

    /** A patient's number within the group. */
    int patient(ShardRecord record) {
      return patients.get(record.patient());
    }
  }

  Cohort(Shard shard, Windows.Selection selection) {
    this.shard = shard;
    this.windows = selection.size();
    List<String> names = shard.superclasses();
    for (int bit = 0; bit < Math.min(SUPERCLASSES, names.size()); bit++) {
      groups.add(new Group(names.get(bit), 1 << bit));
    }
    for (int index : selection.records()) {
      ShardRecord record = shard.record(index);
      numbers.putIfAbsent(index, numbers.size());
      windowsOf.merge(index, 1, Integer::sum);
      patients.putIfAbsent(record.patient(), patients.size());
      for (Group group : groups) {
        if (group.has(record)) {
          group.patients.putIfAbsent(record.patient(), group.patients.size());
          group.windows++;
        }
      }
    }
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

  List<Group> groups() {
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
    return patients.get(shard.record(index).patient());
  }

  /** Names of a record's superclasses. */
  List<String> superclasses(int index) {
    ShardRecord record = shard.record(index);
    return groups.stream().filter(group -> group.has(record)).map(Group::name).toList();
  }
}
