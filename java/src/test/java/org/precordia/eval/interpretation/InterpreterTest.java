// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.interpretation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.TestBackend;
import org.precordia.TestModels;
import org.precordia.data.Preparation;
import org.precordia.data.PreparationSettings;
import org.precordia.data.Shard;
import org.precordia.eval.embedding.EmbeddingEvaluator;
import org.precordia.eval.embedding.EmbeddingResult;
import org.precordia.eval.embedding.EmbeddingResult.ClassMean;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.model.Precision;
import org.precordia.model.Predictor;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.synth.SyntheticCohort;

/** Interpretation and embedding of networks whose answer is known. */
class InterpreterTest {
  private static final int LENGTH = 256;
  private static final int TARGETS = 5;
  private static final int INPUTS = 3;

  @TempDir static Path folder;
  private static Shard shard;
  private static Context context;
  private static Stream stream;

  @BeforeAll
  static void open() throws IOException {
    Path file = folder.resolve("cohort.shard");
    Preparation.run(
        new SyntheticCohort(40, 5), file, PreparationSettings.defaults(), (d, t, r) -> {});
    shard = Shard.open(file);
    context = Context.open(TestBackend.select());
    stream = context.stream();
  }

  @AfterAll
  static void close() {
    stream.close();
    context.close();
    shard.close();
  }

  /** Something that is nowhere straight. */
  private static float[] window() {
    float[] window = new float[LENGTH * INPUTS];
    for (int i = 0; i < window.length; i++) {
      window[i] = (float) Math.sin(0.7 * i + 0.01 * i * i);
    }
    return window;
  }

  @Test
  void occlusionChangesNothingOutsideTheReceptiveField() {
    // Seven taps, dilations 1 + 2 + 4 + 8 twice: 3 + 15 + 15 samples to either side.
    int reach = 33;
    int start = 120;
    int patch = 4;
    try (Predictor predictor = new Predictor(stream, TestModels.random(false), 4, Precision.FP32)) {
      float[] whole = predictor.predict(window()).millivolts();
      float[] occluded =
          predictor.predict(Occlusion.occlude(window(), INPUTS, 1, start, patch)).millivolts();
      boolean inside = false;
      for (int t = 0; t < LENGTH; t++) {
        for (int i = t * TARGETS; i < (t + 1) * TARGETS; i++) {
          if (t < start - reach || t >= start + patch + reach) {
            assertEquals(whole[i], occluded[i], 0, "sample " + t);
          } else {
            inside |= whole[i] != occluded[i];
          }
        }
      }
      assertTrue(inside);
    }
  }

  @Test
  void occlusionOfALinearModelIsItsWeightTimesWhatIsMissing() {
    float[] window = window();
    try (Predictor predictor = new Predictor(stream, TestModels.linear(), 64, Precision.FP32)) {
      Occlusion occlusion = Occlusion.of(predictor, window);
      int start = 30 * occlusion.hop();
      for (int input = 0; input < INPUTS; input++) {
        float[] occluded = Occlusion.occlude(window, INPUTS, input, start, occlusion.patch());
        double squares = 0;
        for (int i = 0; i < window.length; i++) {
          squares += Math.pow(occluded[i] - window[i], 2);
        }
        for (int target = 0; target < TARGETS; target++) {
          double weight = TestModels.weight(target, input) / TestModels.DEVIATION;
          assertEquals(
              Math.abs(weight) * Math.sqrt(squares / LENGTH),
              occlusion.change()[30][input][target],
              1e-5);
        }
      }
      assertEquals(1, occlusion.waveformShare(0, 0), 1e-6, "h plays no part where the head is 0");
    }
  }

  @Test
  void aPatchIsReplacedByTheLineBetweenItsNeighbours() {
    float[] line = new float[LENGTH * INPUTS];
    for (int i = 0; i < line.length; i++) {
      line[i] = i / INPUTS * 0.25f;
    }
    assertArrayEquals(line, Occlusion.occlude(line, INPUTS, 2, 100, 4), 1e-5f);
    float[] first = Occlusion.occlude(line, INPUTS, 0, 0, 4);
    assertEquals(1, first[0], 0, "at the edge the level of the one neighbour");
    assertEquals(1, first[3 * INPUTS], 0);
    float[] last = Occlusion.occlude(line, INPUTS, 0, LENGTH - 4, 4);
    assertEquals((LENGTH - 5) * 0.25f, last[(LENGTH - 1) * INPUTS], 0);
  }

  @Test
  void hMovedByNothingChangesNothing() {
    ModelFile model = TestModels.random(true);
    EmbeddingResult embedding = embedding(model);
    List<ClassMean> means =
        embedding.classMeans().stream()
            .map(mean -> new ClassMean(mean.superclass(), 100, mean.h()))
            .toList();
    int record = shard.select(r -> r.fold() == 9)[0];
    try (Interpreter interpreter = new Interpreter(stream, shard, model, Precision.FP32);
        Predictor predictor = new Predictor(stream, model, 4, Precision.FP32)) {
      Interpretation found = interpreter.interpret(record, means).orElseThrow();
      float[] window = new float[LENGTH * INPUTS];
      for (int i = 0; i < window.length; i++) {
        window[i] = (float) found.signals()[i % INPUTS][i / INPUTS];
      }
      float[] output = predictor.predict(window).millivolts();
      assertFalse(found.directions().isEmpty());
      for (ClassDirection direction : found.directions()) {
        for (int i = 0; i < output.length; i++) {
          assertEquals(output[i], direction.outputs().getFirst()[i % TARGETS][i / TARGETS], 0);
        }
        assertTrue(direction.change(0) > 0, "h does something in this network");
      }
    }
  }

  @Test
  void classesWithFewRecordsAreNoDirection() {
    ModelFile model = TestModels.random(true);
    List<ClassMean> few =
        embedding(model).classMeans().stream()
            .map(mean -> new ClassMean(mean.superclass(), 3, mean.h()))
            .toList();
    try (Interpreter interpreter = new Interpreter(stream, shard, model, Precision.FP32)) {
      assertTrue(interpreter.interpret(0, few).orElseThrow().directions().isEmpty());
    }
  }

  @Test
  void theEmbeddingOfACohortIsMeasured() {
    EmbeddingResult embedding = embedding(TestModels.random(true));
    assertEquals(shard.select(r -> r.fold() == 9).length, embedding.queryRecords());
    assertEquals(shard.select(r -> r.fold() <= 8).length, embedding.galleryRecords());
    assertEquals(
        embedding.queryRecords() + embedding.galleryRecords(), embedding.map().points().size());
    assertTrue(embedding.toJson().at("/knn5_balanced_accuracy/h").isNumber());
    assertTrue(embedding.toJson().at("/cosine_gap/z label/gap").isNumber());
    assertTrue(embedding.map().explained()[0] >= embedding.map().explained()[1]);
  }

  @Test
  void aNetworkWithoutPathologyBranchHasNoEmbedding() {
    assertTrue(evaluator().evaluate(TestModels.random(false), f -> f == 9, (d, t) -> {}).isEmpty());
  }

  @Test
  void withoutAGalleryTheMapIsTheQueriesOwn() {
    EmbeddingResult all =
        evaluator().evaluate(TestModels.random(true), f -> true, (d, t) -> {}).orElseThrow();
    assertEquals(0, all.galleryRecords());
    assertTrue(all.neighbours().isEmpty());
    assertFalse(all.map().fittedOnGallery());
  }

  private static EmbeddingEvaluator evaluator() {
    return new EmbeddingEvaluator(stream, shard, DataPlacement.AUTO, Precision.FP32);
  }

  private static EmbeddingResult embedding(ModelFile model) {
    return evaluator().evaluate(model, fold -> fold == 9, (d, t) -> {}).orElseThrow();
  }
}
