// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.precordia.data.AtomicFile;
import org.precordia.data.DataException;
import org.precordia.model.Conditioning;
import org.precordia.model.ModelFile;
import org.precordia.train.Recipe;
import org.precordia.train.StageConfig;
import org.precordia.train.TrainingOptions;
import org.precordia.train.TrainingResult;

/**
 * One network of a study: a row, a seed, and for the learning curve a share of the patients.
 *
 * @param row the row
 * @param percent percentage of the training patients
 * @param seed the seed
 * @param folder where it is trained: the folder of an ordinary run, and {@code finished.json} once
 *     it is complete
 * @param recipe how it is trained
 * @param options what is trained
 */
public record StudyRun(
    StudyRow row, int percent, int seed, Path folder, Recipe recipe, TrainingOptions options) {
  static final int ALL_PATIENTS = 100;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SECONDS = "seconds";

  /** Share of a window's cost that the pathology branch takes: 6 of 14 blocks. */
  private static final double PATHOLOGY = 6.0 / 14;

  /** Forward passes that a forward and a backward pass cost. */
  private static final int BOTH_WAYS = 3;

  static StudyRun of(Path study, StudyRow row, int percent, int seed, StudyOptions options) {
    TrainingOptions.Builder common =
        options.training().seed(seed).patients(percent / (double) ALL_PATIENTS);
    return new StudyRun(
        row,
        percent,
        seed,
        study.resolve("runs").resolve(name(row, percent)).resolve(Integer.toString(seed)),
        row.recipe(options.recipes()),
        row.options(common));
  }

  /** Name of a row, with the share of patients where it is not all. */
  static String name(StudyRow row, int percent) {
    return percent == ALL_PATIENTS ? row.id() : row.id() + "-" + percent;
  }

  /** Name of the row in tables. */
  public String name() {
    return name(row, percent);
  }

  /** Whether the folder holds a run, complete or not. */
  boolean begun() {
    return Files.exists(folder.resolve("config.json"));
  }

  /** Whether the run is complete. */
  public boolean finished() {
    return Files.exists(mark());
  }

  /** Where the trained network lies. */
  Path model() {
    return folder.resolve("model.safetensors");
  }

  private Path mark() {
    return folder.resolve("finished.json");
  }

  /** Notes that the run is complete. */
  void finish(TrainingResult result) throws IOException {
    ObjectNode json = JSON.createObjectNode().put("steps", result.steps());
    json.put(SECONDS, result.seconds()).put("score", result.score());
    json.put("best", result.best());
    AtomicFile.write(mark(), json.toPrettyString() + "\n");
  }

  /** Time that the complete run took. */
  double seconds() throws IOException {
    try {
      JsonNode seconds = JSON.readTree(Files.readString(mark())).path(SECONDS);
      return seconds.asDouble(Double.NaN);
    } catch (JsonProcessingException e) {
      throw new DataException(
          mark(), 0, "is damaged: " + e.getOriginalMessage(), "delete it and study again", e);
    }
  }

  /** Patients that the complete run learned from. */
  int patients() throws IOException {
    String provenance = ModelFile.read(model()).metadata().provenance();
    try {
      return JSON.readTree(provenance).path("patients").asInt();
    } catch (JsonProcessingException e) {
      throw new DataException(
          model(), 0, "is damaged: " + e.getOriginalMessage(), "train it again", e);
    }
  }

  /**
   * What the run costs at most, in forward passes of a window through the whole network.
   *
   * @param windows training windows of all patients
   */
  double work(int windows) {
    double work = 0;
    for (StageConfig stage : recipe.stages()) {
      if (stage.kind() != StageConfig.Kind.CONTRASTIVE || hasPathology()) {
        long seen = steps(stage, windows) * stage.sampler().batch() * stage.views().size();
        work += seen * passes(stage.kind());
      }
    }
    return work;
  }

  private long steps(StageConfig stage, int windows) {
    long perEpoch =
        stage.stepsPerEpoch() > 0
            ? stage.stepsPerEpoch()
            : Math.max(1, (long) windows * percent / ALL_PATIENTS / stage.sampler().batch());
    long steps = perEpoch * stage.epochs();
    return options.maxSteps() > 0 ? Math.min(steps, options.maxSteps()) : steps;
  }

  private boolean hasPathology() {
    return options.conditioning() == Conditioning.EMBEDDING;
  }

  private double passes(StageConfig.Kind kind) {
    double h = hasPathology() ? PATHOLOGY : 0;
    return switch (kind) {
      case JOINT -> BOTH_WAYS * (h + 1 - PATHOLOGY);
      case CONTRASTIVE, CLASSIFICATION -> BOTH_WAYS * h;
      case RECONSTRUCTION -> h + BOTH_WAYS * (1 - PATHOLOGY);
    };
  }
}
