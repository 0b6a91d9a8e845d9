// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.Evaluator;
import org.precordia.eval.Holm;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.eval.PatientMeans;
import org.precordia.eval.SeedMeans;
import org.precordia.eval.SignedRankTest;
import org.precordia.eval.embedding.EmbeddingEvaluator;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.model.Precision;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.synth.SyntheticCohort;
import org.precordia.train.TrainingException;
import org.precordia.train.TrainingListener;

/** A study on few patients with few steps: everything is trained once, whatever interrupts it. */
class StudyTest {
  private static final int SEEDS = 2;
  private static final int STEPS = 2;

  private static final int PATIENTS = 40;
  private static final List<StudyRow> ROWS = List.of(StudyRow.values());

  @TempDir static Path temporary;
  private static Path folder;
  private static Shard shard;
  private static Context context;
  private static StudyResult result;

  @BeforeAll
  static void studyEverything() throws IOException {
    Path file = temporary.resolve("cohort.shard");
    Preparation.run(
        new SyntheticCohort(PATIENTS, 11), file, PreparationSettings.defaults(), (d, t, r) -> {});
    shard = Shard.open(file);
    context = Context.open(TestBackend.select());
    folder = temporary.resolve("study");
    Study study = study(folder, everything());
    assertTrue(study.train(StudyListener.SILENT));
    result = evaluate(study);
  }

  @AfterAll
  static void close() {
    context.close();
    shard.close();
  }

  private static StudyOptions everything() {
    return options(ROWS, SEEDS, List.of(50, 100), STEPS);
  }

  private static StudyOptions options(
      List<StudyRow> rows, int seeds, List<Integer> curve, int maxSteps) {
    return new StudyOptions(rows, seeds, curve, StudyRecipes.quick(), 16, Precision.FP32, maxSteps);
  }

  private static Study study(Path folder, StudyOptions options) {
    return new Study(context, shard, folder, options, DataPlacement.AUTO);
  }

  private static StudyResult evaluate(Study study) throws IOException {
    try (Stream stream = context.stream()) {
      return new StudyEvaluation(study, context, shard)
          .embed(
              new EmbeddingEvaluator(stream, shard, DataPlacement.AUTO, Precision.FP32),
              (r, d, t) -> {})
          .evaluate(evaluator(stream), "all", fold -> true);
    }
  }

  private static Evaluator evaluator(Stream stream) {
    return new Evaluator(stream, shard, DataPlacement.AUTO, Precision.FP32, (r, d, t) -> {});
  }

  @Test
  void everyRowIsInTheTableWithItsSeeds() {
    assertEquals(
        ROWS.stream().map(StudyRow::id).toList(),
        result.rows().stream().map(RowSummary::name).toList());
    for (RowSummary row : result.rows()) {
      assertEquals(StudyRow.of(row.name()).trained() ? List.of(1, 2) : List.of(), row.seeds());
      assertTrue(row.rmse() > 0 && row.rmse() < 1, row.name());
      assertTrue(row.interval().low() < row.rmse() && row.rmse() < row.interval().high());
      assertTrue(row.parameters() > 0);
    }
  }

  @Test
  void figuresAreThoseOfSingleEvaluations() throws IOException {
    List<Double> single = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      Path run = folder.resolve("runs/two-stage/" + seed);
      ModelFile model = ModelFile.read(run.resolve("model.safetensors"));
      try (Stream stream = context.stream()) {
        Evaluation alone =
            evaluator(stream)
                .evaluate(
                    "one",
                    "all",
                    fold -> true,
                    List.of(EvaluationRow.trained("alone", model)),
                    Map.of());
        single.add(alone.row("alone").mean().values().get(Metric.RMSE_WINDOW));
        SeedMeans means = SeedMeans.of(List.of(alone), "alone");
        assertEquals(single.getLast(), means.mean(), 1e-12);
        assertEquals(
            alone.row("alone").mean().intervals().get(Metric.RMSE_WINDOW).low(),
            means.interval().low(),
            1e-12);
      }
    }
    RowSummary row = row("two-stage");
    assertEquals(single, row.figure(Metric.RMSE_WINDOW).values());
    assertEquals((single.get(0) + single.get(1)) / 2, row.rmse(), 1e-12);
    double deviation = Math.abs(single.get(0) - single.get(1)) / Math.sqrt(2);
    assertEquals(deviation, row.figure(Metric.RMSE_WINDOW).deviation(), 1e-12);
  }

  private static RowSummary row(String name) {
    return result.rows().stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void changesAreAgainstTheSameSeed() {
    List<Double> own = row("model").figure(Metric.RMSE_WINDOW).values();
    List<Double> base = row("no-h").figure(Metric.RMSE_WINDOW).values();
    List<Double> change = row("model").against().get("no-h").seeds().values();
    for (int seed = 0; seed < SEEDS; seed++) {
      assertEquals(100 * (own.get(seed) / base.get(seed) - 1), change.get(seed), 1e-9);
    }
    assertFalse(row("mean").against().containsKey("ridge"));
  }

  @Test
  void moreTermsFitMore() {
    assertTrue(row("ridge-lags").rmse() < row("ridge").rmse());
    assertTrue(row("ridge").rmse() < row("mean").rmse());
  }

  @Test
  void everyControlIsHeldAgainstItsRow() {
    assertEquals(
        ROWS.stream().mapToInt(row -> row.controls().size()).sum(), result.controls().size());
    assertEquals(ROWS.stream().mapToInt(row -> row.rivals().size()).sum(), result.rivals().size());
    for (StudyComparison comparison : result.comparisons()) {
      double own = row(comparison.row().id()).rmse();
      double base = row(comparison.against().id()).rmse();
      assertEquals(own - base, comparison.difference().millivolt(), 1e-12);
      assertEquals(PATIENTS, comparison.difference().patients());
    }
  }

  @Test
  void testsAreOfPatientsMeansOverSeedsAndOneFamily() {
    List<PairedTest> all = result.comparisons().stream().flatMap(c -> c.tests().stream()).toList();
    assertEquals(2 * result.comparisons().size(), all.size());
    double[] corrected = Holm.adjust(all.stream().mapToDouble(PairedTest::p).toArray());
    for (int i = 0; i < corrected.length; i++) {
      PairedTest test = all.get(i);
      assertEquals(corrected[i], test.holm(), 1e-12);
      SignedRankTest again =
          SignedRankTest.of(
              patients(test.row(), test.metric()), patients(test.against(), test.metric()));
      assertEquals(again.p(), test.p(), 1e-9, test.row() + " against " + test.against());
      assertEquals(again.shift(), test.difference(), 1e-12);
    }
  }

  /** By hand: the mean over the seeds that have the row. */
  private static double[] patients(String row, Metric metric) {
    List<double[]> seeds =
        result.evaluations().stream()
            .filter(e -> e.rows().stream().anyMatch(r -> r.name().equals(row)))
            .map(e -> PatientMeans.of(e.records(), row, metric))
            .toList();
    double[] means = new double[PATIENTS];
    for (int patient = 0; patient < PATIENTS; patient++) {
      int at = patient;
      means[patient] = seeds.stream().mapToDouble(s -> s[at]).average().orElseThrow();
    }
    return means;
  }

  @Test
  void smallTablesHaveClinicalMeasuresAndWhatHHolds() {
    List<MeasureTable> tables = MeasureTable.of(result);
    assertEquals(
        List.of(MeasureTable.CLINICAL_ID, MeasureTable.EMBEDDING_ID),
        tables.stream().map(MeasureTable::id).toList(),
        "without a classifier there is no diagnosis");
    MeasureTable clinical = tables.getFirst();
    assertEquals(ROWS.size(), clinical.lines().size());
    double slopes =
        result.evaluation().targets().stream()
            .mapToDouble(
                lead ->
                    row("ridge")
                        .figure("clinical/r_amplitude/leads/" + lead.label() + "/slope")
                        .mean())
            .average()
            .orElseThrow();
    MeasureTable.Line ridge =
        clinical.lines().stream().filter(l -> l.name().equals("ridge")).findFirst().orElseThrow();
    assertEquals(slopes, ridge.figures().get(1).mean(), 1e-12);
    List<String> withH = tables.getLast().lines().stream().map(MeasureTable.Line::name).toList();
    assertTrue(withH.containsAll(List.of("model", "two-stage", "frozen-random", "paper")));
    assertFalse(withH.contains("no-h") || withH.contains("unet"));
    MeasureTable.Line first = tables.getLast().lines().getFirst();
    assertEquals(SEEDS, first.figures().get(1).values().size(), "a cosine gap a seed");
  }

  @Test
  void aCurveHasFewerPatientsAndItsOwnRidge() {
    assertEquals(List.of(50, 100), result.curve().stream().map(CurvePoint::percent).toList());
    CurvePoint half = result.curve().getFirst();
    CurvePoint whole = result.curve().getLast();
    assertEquals(Math.round(0.5 * whole.patients()), half.patients());
    assertEquals(SEEDS, half.ridge().values().size());
    assertTrue(Math.abs(half.ridge().mean() - whole.ridge().mean()) > 1e-9);
    assertEquals(row("model").figure(Metric.RMSE_WINDOW), whole.model());
  }

  @Test
  void looksAreCountedAndJsonHasTheTable() throws IOException {
    int looks = Files.readAllLines(folder.resolve("evaluations.jsonl")).size();
    StudyResult again = evaluate(study(folder, everything()));
    assertEquals(looks + 1, again.looks());
    assertEquals(result.rows(), again.rows(), "an evaluation repeats itself");
    JsonNode json = StudyJson.of(again);
    assertEquals(again.rows().size(), json.get("rows").size());
    assertEquals(looks + 1, json.get("looks").asInt());
    assertTrue(json.at("/rows/0/figures/mean~1rmse_window/mean").isNumber());
    assertTrue(json.at("/provenance/configuration").isTextual());
  }

  @Test
  void whatIsCompleteIsNotTrainedAgain() throws IOException {
    StudyListener nothing =
        (run, position) -> {
          throw new AssertionError(run.name() + " is trained again");
        };
    assertTrue(study(folder, everything()).train(nothing));
  }

  @Test
  void anInterruptedStudyGoesOnToTheSameNetworks() throws IOException {
    Path other = temporary.resolve("interrupted");
    List<StudyRow> rows = List.of(StudyRow.NO_H, StudyRow.TWO_STAGE);
    Study first = study(other, options(rows, 1, List.of(), STEPS));
    StudyListener stopping =
        (run, position) ->
            new TrainingListener() {
              @Override
              public void step(Step step) {
                if (run.row() == StudyRow.TWO_STAGE) {
                  first.requestStop();
                }
              }
            };
    assertFalse(first.train(stopping));
    List<String> begun = new ArrayList<>();
    StudyListener listening =
        (run, position) -> {
          begun.add(run.name());
          assertEquals(1, position.finished());
          assertTrue(position.secondsLeft() > 0);
          return TrainingListener.SILENT;
        };
    assertTrue(study(other, options(rows, 1, List.of(), STEPS)).train(listening));
    assertEquals(List.of("two-stage"), begun);
    assertArrayEquals(parameters(folder), parameters(other));
  }

  private static float[] parameters(Path study) throws IOException {
    return ModelFile.read(study.resolve("runs/two-stage/1/model.safetensors")).parameters();
  }

  @Test
  void aRunOfAnotherConfigurationIsRefusedBeforeAnythingIsTrained() {
    Study other = study(folder, options(List.of(StudyRow.NO_H), 3, List.of(), STEPS + 1));
    TrainingException refused =
        assertThrows(TrainingException.class, () -> other.train(StudyListener.SILENT));
    assertTrue(refused.getMessage().contains("options.maxSteps is 2 there and 3 here"));
    assertTrue(refused.getMessage().contains("Delete that folder"));
    assertFalse(Files.exists(folder.resolve("runs/no-h/3")));
  }

  @Test
  void rowsAndRecipesThatDoNotExistAreNamed() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> StudyRow.of("unknown"))
            .getMessage()
            .contains("two-stage"));
    assertThrows(IllegalArgumentException.class, () -> StudyRecipes.of("slow"));
    assertThrows(
        IllegalArgumentException.class,
        () -> options(List.of(StudyRow.RIDGE), 1, List.of(50), STEPS));
  }
}
