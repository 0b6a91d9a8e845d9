// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.TestModels;
import org.precordia.data.Lead;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.RecordSource;
import org.precordia.data.Recording;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Subject;
import org.precordia.data.Windows;
import org.precordia.eval.clinical.BeatReader;
import org.precordia.eval.clinical.Measure;
import org.precordia.eval.clinical.RecordReading;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.model.Precision;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.synth.SyntheticCohort;

/**
 * Records, superclasses and comparisons of an evaluation agree with each other and with the data.
 */
class EvaluatorTest {
  private static final int PATIENTS = 60;

  @TempDir static Path folder;
  private static Shard shard;
  private static Evaluation evaluation;
  private static List<RecordTrace> traces;

  @BeforeAll
  static void evaluate() throws IOException {
    Path file = folder.resolve("cohort.shard");
    Preparation.run(
        new SyntheticCohort(PATIENTS, 5), file, PreparationSettings.defaults(), (d, t, r) -> {});
    shard = Shard.open(file);
    ModelFile model = TestModels.linear();
    List<EvaluationRow> rows =
        List.of(
            new EvaluationRow(EvaluationRow.RIDGE, model, 20),
            new EvaluationRow(EvaluationRow.NO_H, model, 20),
            new EvaluationRow(EvaluationRow.MODEL, model, 20));
    try (Context context = Context.open(TestBackend.select());
        Stream stream = context.stream()) {
      Evaluator evaluator =
          new Evaluator(stream, shard, DataPlacement.AUTO, Precision.FP32, (row, done, all) -> {});
      evaluation = evaluator.evaluate("synthetic", "all", fold -> true, rows, Map.of());
      traces =
          evaluator.traces(
              rows.getLast(),
              List.of(
                  evaluation.records().get(3).index(), evaluation.records().getFirst().index()));
    }
  }

  @AfterAll
  static void close() {
    shard.close();
  }

  @Test
  void recordsMakeUpTheWhole() {
    double sum = 0;
    int windows = 0;
    for (RecordResult record : evaluation.records()) {
      sum += record.windows() * record.rows().get(EvaluationRow.MODEL).rmse();
      windows += record.windows();
    }
    assertEquals(evaluation.windows(), windows);
    double mean = evaluation.row(EvaluationRow.MODEL).mean().values().get(Metric.RMSE_WINDOW);
    assertEquals(mean, sum / windows, 1e-12);
  }

  @Test
  void superclassesCountTheirRecords() {
    assertEquals(5, evaluation.groups(GroupKind.SUPERCLASS).size());
    for (GroupResult group : evaluation.groups(GroupKind.SUPERCLASS)) {
      requireMembers(group, record -> record.superclasses().contains(group.name()));
    }
  }

  @Test
  void sexesAndAgesDivideThePatients() {
    List<String> sexes = evaluation.groups(GroupKind.SEX).stream().map(GroupResult::name).toList();
    assertEquals(List.of("F", "M"), sexes);
    for (GroupResult group : evaluation.groups(GroupKind.SEX)) {
      Subject.Sex sex = group.name().equals("F") ? Subject.Sex.FEMALE : Subject.Sex.MALE;
      requireMembers(group, record -> shard.record(record.index()).sex() == sex);
    }
    List<GroupResult> ages = evaluation.groups(GroupKind.AGE);
    assertEquals(
        List.of("<40", "40-59", "60-79", ">=80"), ages.stream().map(GroupResult::name).toList());
    double[] bounds = {0, 40, 60, 80, 200};
    for (int i = 0; i < ages.size(); i++) {
      double from = bounds[i];
      double below = bounds[i + 1];
      requireMembers(
          ages.get(i),
          record -> {
            double age = shard.record(record.index()).age();
            return age >= from && age < below;
          });
    }
    assertEquals(evaluation.windows(), ages.stream().mapToInt(GroupResult::windows).sum());
  }

  private static void requireMembers(GroupResult group, Predicate<RecordResult> belongs) {
    List<RecordResult> members = evaluation.records().stream().filter(belongs).toList();
    assertEquals(members.stream().mapToInt(RecordResult::windows).sum(), group.windows());
    assertEquals(members.stream().map(RecordResult::patient).distinct().count(), group.patients());
    boolean interval =
        !group.rows().isEmpty() && !group.rows().getFirst().mean().intervals().isEmpty();
    assertEquals(group.claimable(), interval, group.name());
  }

  @Test
  void testsHoldTheModelAgainstEveryOtherRow() {
    List<PairedTest> tests = evaluation.tests();
    assertEquals(4, tests.size());
    for (PairedTest test : tests) {
      assertEquals(EvaluationRow.MODEL, test.row());
      assertEquals(evaluation.patients(), test.patients());
      assertEquals(0, test.difference(), 0);
      assertTrue(Double.isNaN(test.p()), "all patients are alike: nothing can be told");
    }
    assertTrue(evaluation.summaryJson().at("/tests/0/p").isNull());
    assertEquals(6, evaluation.summaryJson().get("groups").size());
    assertEquals("sex", evaluation.summaryJson().at("/groups/0/kind").asText());
  }

  @Test
  void meansOfPatientsGoOverTheirWindows() {
    double[] means = PatientMeans.of(evaluation.records(), EvaluationRow.MODEL, Metric.RMSE_WINDOW);
    assertEquals(evaluation.patients(), means.length);
    String first = evaluation.records().getFirst().patient();
    double sum = 0;
    double windows = 0;
    for (RecordResult record : evaluation.records()) {
      if (record.patient().equals(first)) {
        sum += record.windows() * record.rows().get(EvaluationRow.MODEL).rmse();
        windows += record.windows();
      }
    }
    assertEquals(sum / windows, means[0], 1e-15);
  }

  /** Two patients of one recording: the second one's copy is left out, its other record is not. */
  @Test
  void patientsWhoShareARecordingAreOnePerson() throws IOException {
    SyntheticCohort cohort = new SyntheticCohort(2, 5);
    int[] source = {0, 0, 1};
    String[] patients = {"first", "second", "second"};
    RecordSource twice =
        new RecordSource() {
          @Override
          public String name() {
            return "two names";
          }

          @Override
          public int size() {
            return source.length;
          }

          @Override
          public String id(int index) {
            return "r" + index;
          }

          @Override
          public Subject subject(int index) {
            Subject s = cohort.subject(source[index]);
            return new Subject(
                patients[index],
                9,
                s.age(),
                s.sex(),
                s.codes(),
                s.superclasses(),
                s.labelsVerbatim());
          }

          @Override
          public Recording read(int index) throws IOException {
            return cohort.read(source[index]);
          }
        };
    Path file = folder.resolve("twice.shard");
    Preparation.run(twice, file, PreparationSettings.defaults(), (d, t, r) -> {});
    try (Shard copies = Shard.open(file)) {
      assertEquals(2, copies.patients());
      Cohort people = new Cohort(copies, Windows.forEvaluation(copies, new int[] {0, 2}));
      assertEquals(1, people.patients());
      assertEquals("first", people.patientName(2));
    }
  }

  @Test
  void aRowAgainstItsEqualDoesNotDiffer() {
    RowResult.Comparison comparison = evaluation.row(EvaluationRow.MODEL).againstNoH();
    assertEquals(0, comparison.rmsePercent(), 0);
    assertEquals(new Interval(0, 0), comparison.rmseInterval());
    assertNull(evaluation.row(EvaluationRow.RIDGE).againstNoH());
  }

  @Test
  void tracesHoldTheRecordedLeads() {
    assertEquals(2, traces.size());
    assertEquals(evaluation.records().get(3).index(), traces.getFirst().index());
    for (RecordTrace trace : traces) {
      float[] v1 = shard.millivolts(trace.index())[Lead.INDEPENDENT.indexOf(Lead.V1)];
      assertEquals(v1.length, trace.truth()[0].length);
      for (int t = 0; t < v1.length; t++) {
        assertEquals(v1[t], trace.truth()[0][t], 1e-6);
        assertTrue(Double.isFinite(trace.reconstructed()[0][t]));
      }
    }
  }

  @Test
  void everyRowHasItsMeasures() {
    ClinicalResult clinical = evaluation.clinical();
    assertEquals(3, clinical.rows().size());
    assertTrue(clinical.beats().measured() > 5 * PATIENTS);
    assertTrue(clinical.beats().atEdge() >= PATIENTS, "the first beats lie near an edge");
    for (ClinicalResult.Row row : clinical.rows()) {
      for (Measure measure : Measure.values()) {
        ClinicalResult.Table table = row.measures().get(measure);
        assertEquals(5, table.leads().size());
        assertEquals(List.of("V1 V3 V4", "V5 V6"), List.copyOf(table.regions().keySet()));
        assertTrue(table.mean().error().value() > 0, measure.key());
        assertNotNull(table.mean().error().interval());
        assertEquals(measure.isSt(), !Double.isNaN(table.mean().large().value()));
      }
    }
    assertEquals("model", clinical.model().name());
  }

  @Test
  void anEqualRowDiffersInNoMeasure() {
    ClinicalResult.Figure model =
        evaluation.clinical().model().measures().get(Measure.ST60).mean().error();
    assertEquals(0, model.againstRidge(), 0);
    assertEquals(new Interval(0, 0), model.againstInterval());
    ClinicalResult.Row ridge = evaluation.clinical().row(EvaluationRow.RIDGE);
    assertTrue(Double.isNaN(ridge.measures().get(Measure.ST60).mean().error().againstRidge()));
  }

  /** Each patient has one record, so a patient's pair is what its record's traces give. */
  @Test
  void pairsAreWhatTheTracesGive() {
    BeatReader reader = new BeatReader(shard.rate());
    for (RecordTrace trace : traces) {
      float[] two = shard.millivolts(trace.index())[Lead.INDEPENDENT.indexOf(Lead.II)];
      double[] wide = new double[two.length];
      Arrays.setAll(wide, t -> two[t]);
      ShardRecord record = shard.record(trace.index());
      RecordReading reading =
          reader.read(reader.find(wide, record.rPeaks(), trace.truth()), trace.reconstructed());
      RecordReading.Cell cell = reading.cell(Measure.T_AMPLITUDE, 1);
      PatientPairs pairs =
          evaluation.clinical().model().measures().get(Measure.T_AMPLITUDE).pairs().get(Lead.V3);
      int patient = List.of(pairs.patients()).indexOf(record.patientName());
      assertTrue(cell.beats() > 3);
      assertEquals(cell.truth(), pairs.truth()[patient], 1e-9);
      assertEquals(cell.reconstructed(), pairs.reconstructed()[patient], 1e-9);
    }
  }

  @Test
  void onlyTheWholeJsonHasRecords() {
    assertEquals(evaluation.records().size(), evaluation.toJson().get("records").size());
    assertFalse(evaluation.summaryJson().has("records"));
    ObjectNode json = evaluation.summaryJson();
    assertTrue(json.at("/r_peak_amplitude/V1/slope").isNumber());
    assertTrue(json.at("/clinical/beats/n_edge").isInt());
    assertTrue(json.at("/clinical/rows/2/st60/regions/V5 V6/share_above_0.1mV_ci/1").isNumber());
    assertTrue(json.at("/clinical/rows/2/r_amplitude/leads/V1/limits/0").isNumber());
    assertTrue(json.at("/clinical/rows/0/r_amplitude/mean/mae_against_ridge").isNull());
    assertEquals(5, evaluation.summaryJson().get("superclasses").size());
  }
}
