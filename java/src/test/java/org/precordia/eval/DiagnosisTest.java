// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.TestModels;
import org.precordia.data.Lead;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.data.Windows;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.LeadSets;
import org.precordia.model.ModelFile;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Size;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.synth.SyntheticCohort;
import org.precordia.train.Recipe;
import org.precordia.train.Trainer;
import org.precordia.train.TrainingListener;
import org.precordia.train.TrainingOptions;

/** A classifier trained on synthetic patients: what it keeps of true, and of absent, leads. */
class DiagnosisTest {
  private static final int PATIENTS = 200;

  @TempDir static Path folder;
  private static Shard shard;
  private static Context context;
  private static Stream stream;
  private static DiagnosisClassifier classifier;

  @BeforeAll
  static void train() throws IOException {
    Path file = folder.resolve("cohort.shard");
    Preparation.run(
        new SyntheticCohort(PATIENTS, 5), file, PreparationSettings.defaults(), (d, t, r) -> {});
    shard = Shard.open(file);
    context = Context.open(TestBackend.select());
    Recipe recipe =
        Recipe.diagnosis()
            .withEpochs(4)
            .with("stages.0.stepsPerEpoch", "40")
            .with("stages.0.sampler.windows", "32")
            .with("stages.0.rate.peak", "0.005");
    TrainingOptions options =
        TrainingOptions.builder().width(16).leads(Lead.INDEPENDENT, List.of()).seed(5).build();
    Trainer trainer =
        Trainer.create(
            context, shard, recipe, options, folder.resolve("run"), TrainingListener.SILENT);
    Path model = trainer.run().model();
    stream = context.stream();
    classifier =
        DiagnosisClassifier.read(folder.resolve("run"))
            .calibrated(stream, shard, trainer.heldOut(), DataPlacement.AUTO);
    classifier.model().write(model);
    classifier = DiagnosisClassifier.read(model);
  }

  @AfterAll
  static void close() {
    stream.close();
    context.close();
    shard.close();
  }

  /** Folds that training did not see. */
  private static boolean unseen(int fold) {
    return fold > 8;
  }

  /** What is left when the targets of a network are replaced. */
  private static DiagnosisResult replace(LeadSets leads, boolean byTruth) {
    NetworkConfig network =
        NetworkConfig.of(Size.SMALL, List.of()).withLeads(leads.inputs(), leads.targets());
    int[] records =
        IntStream.range(0, shard.records()).filter(i -> unseen(shard.record(i).fold())).toArray();
    Windows.Selection windows = Windows.forEvaluation(shard, records);
    Cohort cohort = new Cohort(shard, windows);
    try (DeviceRecords data = new DeviceRecords(stream, shard, null, DataPlacement.AUTO)) {
      Diagnosis diagnosis =
          new Diagnosis(stream, shard, classifier, data, cohort, windows, new int[0]);
      Diagnosis.Collector collector = diagnosis.collector("row", network);
      for (int index : cohort.indices()) {
        double[][] values = new double[leads.targets().size()][shard.length(index)];
        float[][] truth = shard.millivolts(index);
        for (int t = 0; byTruth && t < values.length; t++) {
          float[] lead = truth[Lead.INDEPENDENT.indexOf(leads.targets().get(t))];
          Arrays.setAll(values[t], i -> lead[i]);
        }
        collector.accept(new RecordTrace(index, values, values));
      }
      collector.finish();
      return diagnosis.result(new PatientBootstrap(cohort.patients(), 200, 1));
    }
  }

  @Test
  void learnsWhatWasPlanted() {
    DiagnosisResult result = replace(LeadSets.DEFAULT, true);
    assertEquals(List.of("NORM", "MI", "STTC", "CD", "HYP"), result.classes());
    double auc = result.original().macroAuc().value();
    assertTrue(auc > 0.7, "macro AUC on patients not seen: " + auc);
    assertTrue(result.seen());
    assertEquals(100, result.original().aucKept().value(), 1e-9);
  }

  @Test
  void trueLeadsKeepEverything() {
    for (List<Lead> inputs :
        List.of(List.of(Lead.I, Lead.II, Lead.V2), List.of(Lead.III), List.of(Lead.V1))) {
      DiagnosisResult result = replace(LeadSets.of(inputs), true);
      DiagnosisResult.Scores row = result.rows().get("row");
      // A limb lead that is computed from two rounded ones may differ by a microvolt.
      assertEquals(100, row.aucKept().value(), inputs.contains(Lead.III) ? 2 : 1e-9);
      assertEquals(100, row.f1Kept().value(), inputs.contains(Lead.III) ? 5 : 1e-9);
    }
  }

  @Test
  void silentLeadsLoseIt() {
    DiagnosisResult result = replace(LeadSets.of(List.of(Lead.V1)), false);
    DiagnosisResult.Scores row = result.rows().get("row");
    assertTrue(row.aucKept().value() < 80, "kept of AUC: " + row.aucKept().value());
    assertTrue(row.macroF1().value() < result.original().macroF1().value());
  }

  @Test
  void evaluationHasAFigureForEveryRow() {
    ModelFile model = TestModels.linear();
    Evaluator evaluator =
        new Evaluator(stream, shard, DataPlacement.AUTO, Precision.FP32, (row, done, all) -> {});
    List<EvaluationRow> rows =
        List.of(
            new EvaluationRow(EvaluationRow.RIDGE, model, 20),
            new EvaluationRow(EvaluationRow.MODEL, model, 20));
    evaluator.diagnose(classifier, fold -> fold == 9);
    Evaluation evaluation =
        evaluator.evaluate("synthetic", "10", fold -> fold == 10, rows, Map.of());
    DiagnosisResult result = evaluation.diagnosis();
    assertEquals("fold 9", result.thresholdsFrom());
    assertEquals(
        result.rows().get(EvaluationRow.RIDGE), result.rows().get(EvaluationRow.MODEL), "equals");
    assertEquals(
        evaluation.records().stream().filter(record -> !record.superclasses().isEmpty()).count(),
        result.records());
    if (result.patients() < PatientBootstrap.FEWEST_PATIENTS) {
      assertNull(result.original().macroAuc().interval());
    }
    ObjectNode json = evaluation.summaryJson();
    assertTrue(json.at("/diagnosis/original/macro_auc").isDouble());
    assertTrue(json.at("/diagnosis/rows/model/classes/MI").has("auc"));
  }

  @Test
  void refusesWhatIsNoClassifier() {
    assertThrows(
        IllegalArgumentException.class, () -> new DiagnosisClassifier(TestModels.linear()));
    Evaluator evaluator =
        new Evaluator(stream, shard, DataPlacement.AUTO, Precision.FP32, (row, done, all) -> {});
    EvaluationRow row = EvaluationRow.trained(EvaluationRow.MODEL, classifier.model());
    EvaluationException e =
        assertThrows(
            EvaluationException.class,
            () -> evaluator.evaluate("synthetic", "9", f -> f == 9, List.of(row), Map.of()));
    assertTrue(e.getMessage().contains("--classifier"), e.getMessage());
    assertFalse(classifier.model().metadata().network().reconstructs());
  }

  @Test
  void leadsThatNobodyGivesAreNamed() {
    LeadSets few = new LeadSets(List.of(Lead.I, Lead.II, Lead.V2), List.of(Lead.V1));
    EvaluationException e = assertThrows(EvaluationException.class, () -> replace(few, true));
    assertTrue(e.getMessage().contains("V3"), e.getMessage());
  }
}
