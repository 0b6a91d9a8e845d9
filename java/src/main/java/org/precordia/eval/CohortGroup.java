// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Subject;

/**
 * Records that an evaluation also looks at by themselves, patients numbered in order of appearance.
 */
final class CohortGroup {
  /** Superclasses that are reported: NORM, MI, STTC, CD, HYP. */
  static final int SUPERCLASSES = 5;

  private static final String UNKNOWN = "unknown";

  private final GroupKind kind;
  private final String name;
  private final Predicate<ShardRecord> members;
  private final Map<Integer, Integer> patients = new HashMap<>();
  private int windows;

  private CohortGroup(GroupKind kind, String name, Predicate<ShardRecord> members) {
    this.kind = kind;
    this.name = name;
    this.members = members;
  }

  /** All groups of a data set, empty as yet: superclasses, sexes, age bands. */
  static List<CohortGroup> of(Shard shard) {
    List<CohortGroup> groups = new ArrayList<>();
    List<String> names = shard.superclasses();
    for (int bit = 0; bit < Math.min(SUPERCLASSES, names.size()); bit++) {
      int mask = 1 << bit;
      groups.add(
          new CohortGroup(
              GroupKind.SUPERCLASS, names.get(bit), r -> (r.superclasses() & mask) != 0));
    }
    groups.add(sex("F", Subject.Sex.FEMALE));
    groups.add(sex("M", Subject.Sex.MALE));
    groups.add(sex(UNKNOWN, Subject.Sex.UNKNOWN));
    groups.add(age("<40", 0, 40));
    groups.add(age("40-59", 40, 60));
    groups.add(age("60-79", 60, 80));
    groups.add(age(">=80", 80, Double.POSITIVE_INFINITY));
    groups.add(new CohortGroup(GroupKind.AGE, UNKNOWN, r -> Double.isNaN(r.age())));
    return groups;
  }

  private static CohortGroup sex(String name, Subject.Sex sex) {
    return new CohortGroup(GroupKind.SEX, name, r -> r.sex() == sex);
  }

  private static CohortGroup age(String name, double from, double below) {
    return new CohortGroup(GroupKind.AGE, name, r -> r.age() >= from && r.age() < below);
  }

  GroupKind kind() {
    return kind;
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

  /** Whether it is worth a line: a superclass, sex or band always, what is unknown where it is. */
  boolean told() {
    return windows > 0 || !name.equals(UNKNOWN);
  }

  boolean has(ShardRecord record) {
    return members.test(record);
  }

  /** Counts a window of a record of a person, if it belongs here. */
  void count(ShardRecord record, int person) {
    if (has(record)) {
      patients.putIfAbsent(person, patients.size());
      windows++;
    }
  }

  /** A person's number within the group. */
  int patient(int person) {
    return patients.get(person);
  }
}
