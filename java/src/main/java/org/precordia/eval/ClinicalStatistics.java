// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.eval.clinical.Measure;
import org.precordia.eval.clinical.RecordReading;

/**
 * Clinical measures over patients: beats are averaged to records, records to patients, and those
 * compared. Intervals are those of {@link PatientBootstrap}, on the same resamples in every row.
 */
final class ClinicalStatistics {
  /** Leads that see one wall: in front of the septum and apex, and of the side. */
  private static final List<List<Lead>> REGIONS =
      List.of(List.of(Lead.V1, Lead.V2, Lead.V3, Lead.V4), List.of(Lead.V5, Lead.V6));

  private final Cohort cohort;
  private final List<Lead> targets;
  private final PatientBootstrap bootstrap;
  private final String[] names;

  ClinicalStatistics(Cohort cohort, List<Lead> targets, PatientBootstrap bootstrap) {
    this.cohort = cohort;
    this.targets = targets;
    this.bootstrap = bootstrap;
    this.names = new String[cohort.patients()];
    for (int index : cohort.indices()) {
      names[cohort.patient(index)] = cohort.record(index).patientName();
    }
  }

  /** What is known of a measure in a lead, by patient; NaN where a patient has it not. */
  private static final class Patients {
    final double[] truth;
    final double[] reconstructed;
    final double[] error;
    final double[] large;
    int records;
    int lost;

    Patients(int patients) {
      truth = new double[patients];
      reconstructed = new double[patients];
      error = new double[patients];
      large = new double[patients];
    }
  }

  ClinicalResult result(ClinicalReadings readings) {
    Map<String, Map<Measure, Patients[]>> rows = new LinkedHashMap<>();
    readings.rows().forEach((name, records) -> rows.put(name, patients(records)));
    Map<Measure, Patients[]> ridge = rows.get(EvaluationRow.RIDGE);
    List<ClinicalResult.Row> results = new ArrayList<>();
    rows.forEach(
        (name, measures) -> {
          Map<Measure, ClinicalResult.Table> tables = new EnumMap<>(Measure.class);
          boolean compared = ridge != null && measures != ridge;
          measures.forEach(
              (measure, leads) ->
                  tables.put(measure, table(measure, leads, compared ? ridge.get(measure) : null)));
          results.add(new ClinicalResult.Row(name, tables));
        });
    return new ClinicalResult(readings.counts(), results);
  }

  private Map<Measure, Patients[]> patients(Map<Integer, RecordReading> records) {
    Map<Measure, Patients[]> measures = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      Patients[] leads = new Patients[targets.size()];
      for (int lead = 0; lead < leads.length; lead++) {
        leads[lead] = patients(records, measure, lead);
      }
      measures.put(measure, leads);
    }
    return measures;
  }

  private Patients patients(Map<Integer, RecordReading> records, Measure measure, int lead) {
    Patients sums = new Patients(cohort.patients());
    int[] counts = new int[cohort.patients()];
    records.forEach(
        (index, reading) -> {
          RecordReading.Cell cell = reading.cell(measure, lead);
          sums.lost += cell.lost();
          if (cell.beats() > 0) {
            int patient = cohort.patient(index);
            counts[patient]++;
            sums.records++;
            sums.truth[patient] += cell.truth();
            sums.reconstructed[patient] += cell.reconstructed();
            sums.error[patient] += cell.error();
            sums.large[patient] += cell.large();
          }
        });
    for (double[] sum : List.of(sums.truth, sums.reconstructed, sums.error, sums.large)) {
      Arrays.setAll(
          sum, patient -> counts[patient] == 0 ? Double.NaN : sum[patient] / counts[patient]);
    }
    return sums;
  }

  private ClinicalResult.Table table(Measure measure, Patients[] leads, Patients[] ridge) {
    Map<Lead, ClinicalResult.Figures> figures = new LinkedHashMap<>();
    Map<Lead, PatientPairs> pairs = new LinkedHashMap<>();
    for (int lead = 0; lead < leads.length; lead++) {
      figures.put(targets.get(lead), figures(measure, leads, ridge, new int[] {lead}));
      pairs.put(targets.get(lead), pairs(leads[lead]));
    }
    Map<String, ClinicalResult.Figures> regions = new LinkedHashMap<>();
    for (List<Lead> region : REGIONS) {
      int[] members =
          IntStream.range(0, leads.length).filter(i -> region.contains(targets.get(i))).toArray();
      if (members.length > 0) {
        String name =
            Arrays.stream(members)
                .mapToObj(i -> targets.get(i).label())
                .collect(Collectors.joining(" "));
        regions.put(name, figures(measure, leads, ridge, members));
      }
    }
    return new ClinicalResult.Table(
        figures(measure, leads, ridge, IntStream.range(0, leads.length).toArray()),
        regions,
        figures,
        pairs,
        Arrays.stream(leads).mapToInt(lead -> lead.lost).sum());
  }

  private PatientPairs pairs(Patients lead) {
    int[] known =
        IntStream.range(0, lead.truth.length).filter(p -> !Double.isNaN(lead.truth[p])).toArray();
    return new PatientPairs(
        lead.records,
        Arrays.stream(known).mapToObj(p -> names[p]).toArray(String[]::new),
        Arrays.stream(known).mapToDouble(p -> lead.truth[p]).toArray(),
        Arrays.stream(known).mapToDouble(p -> lead.reconstructed[p]).toArray());
  }

  private ClinicalResult.Figures figures(
      Measure measure, Patients[] leads, Patients[] ridge, int[] members) {
    double[] error = mean(members, lead -> leads[lead].error);
    double[] ridgeError = ridge == null ? null : mean(members, lead -> ridge[lead].error);
    int patients = (int) Arrays.stream(error).filter(v -> !Double.isNaN(v)).count();
    ClinicalResult.Figure large = new ClinicalResult.Figure(Double.NaN, null, Double.NaN, null);
    if (measure.isSt()) {
      large =
          figure(
              mean(members, lead -> leads[lead].large),
              ridge == null ? null : mean(members, lead -> ridge[lead].large));
    }
    return new ClinicalResult.Figures(patients, figure(error, ridgeError), large);
  }

  /** Mean over leads by patient, over those leads in which the patient has a value. */
  private double[] mean(int[] members, java.util.function.IntFunction<double[]> values) {
    double[] mean = new double[cohort.patients()];
    Arrays.setAll(
        mean,
        patient ->
            Arrays.stream(members)
                .mapToDouble(lead -> values.apply(lead)[patient])
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN));
    return mean;
  }

  private ClinicalResult.Figure figure(double[] own, double[] ridge) {
    if (ridge == null) {
      return new ClinicalResult.Figure(
          PatientBootstrap.mean(own), bootstrap.interval(own), Double.NaN, null);
    }
    double[] difference = new double[own.length];
    Arrays.setAll(difference, patient -> own[patient] - ridge[patient]);
    return new ClinicalResult.Figure(
        PatientBootstrap.mean(own),
        bootstrap.interval(own),
        PatientBootstrap.mean(difference),
        bootstrap.interval(difference));
  }
}
