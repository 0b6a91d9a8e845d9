// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;
import org.precordia.data.ShardRecord;

/** Collects the windows of one row: over all, by group and by record. */
final class RowTally {
  private final Cohort cohort;
  private final List<Lead> targets;
  private final RowScores all;
  private final List<RowScores> groups = new ArrayList<>();
  private final PatientSums records;

  RowTally(EvaluationRow row, Cohort cohort) {
    int length = row.model().metadata().network().window();
    this.cohort = cohort;
    this.targets = row.model().metadata().network().targets();
    this.all =
        new RowScores(
            row.name(), row.parameters(), targets, cohort.patients(), cohort.windows(), length);
    for (CohortGroup group : cohort.groups()) {
      groups.add(
          new RowScores(
              row.name(), row.parameters(), targets, group.patients(), group.windows(), length));
    }
    this.records = new PatientSums(cohort.records(), targets.size(), length);
  }

  /** Adds one window of a record of the shard; see {@link PatientSums#add}. */
  void add(int index, double[] moments, int offset) {
    ShardRecord record = cohort.record(index);
    all.add(cohort.patient(index), moments, offset);
    records.add(cohort.number(index), moments, offset);
    for (int g = 0; g < groups.size(); g++) {
      CohortGroup group = cohort.groups().get(g);
      if (group.has(record)) {
        groups.get(g).add(group.patient(cohort.person(record)), moments, offset);
      }
    }
  }

  RowScores all() {
    return all;
  }

  /** The windows of a group, in the order of {@link Cohort#groups}. */
  RowScores group(int group) {
    return groups.get(group);
  }

  /** The scores on one record. */
  RecordResult.Scores record(int number) {
    double[] sums = records.sums(number);
    Map<Lead, Double> leads = new LinkedHashMap<>();
    for (int lead = 0; lead < targets.size(); lead++) {
      leads.put(targets.get(lead), records.value(Metric.RMSE_WINDOW, sums, lead));
    }
    return new RecordResult.Scores(
        records.value(Metric.RMSE_WINDOW, sums, targets.size()),
        records.value(Metric.PEARSON, sums, targets.size()),
        leads);
  }
}
