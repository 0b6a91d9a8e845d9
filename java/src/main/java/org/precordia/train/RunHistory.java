// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How a training run went, read from its folder. Lines that a crash cut short are passed over.
 *
 * @param seed key of the run's random numbers
 * @param folds folds that were trained on
 * @param fingerprint content of the data that were trained on
 * @param steps the steps, in order
 * @param validations the validations, in order
 */
public record RunHistory(
    long seed,
    List<Integer> folds,
    String fingerprint,
    List<Step> steps,
    List<Validation> validations) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> NO_SCORE = Set.of("step", "stage", "epoch", "best", "ranks");

  /**
   * One step.
   *
   * @param step number of the step, from 1
   * @param epoch epoch, from 0
   * @param reconstruction loss of the reconstruction, mV-based
   * @param windowsPerSecond pace
   */
  public record Step(long step, int epoch, double reconstruction, double windowsPerSecond) {}

  /**
   * One validation.
   *
   * @param step step after which it was made
   * @param epoch epochs done
   * @param score name of the score
   * @param value the score
   * @param best whether it was the best so far
   */
  public record Validation(long step, int epoch, String score, double value, boolean best) {}

  /**
   * Reads a run's folder.
   *
   * @throws TrainingException when it holds no run
   */
  public static RunHistory read(Path folder) throws IOException {
    RunConfig config = RunConfig.ofJson(RunDirectory.readConfig(folder));
    List<Step> steps = new ArrayList<>();
    for (JsonNode line : lines(folder.resolve("metrics.jsonl"))) {
      steps.add(
          new Step(
              line.path("step").asLong(),
              line.path("epoch").asInt(),
              line.path("reconstruction").asDouble(Double.NaN),
              line.path("windows_per_s").asDouble(Double.NaN)));
    }
    List<Validation> validations = new ArrayList<>();
    for (JsonNode line : lines(folder.resolve("validations.jsonl"))) {
      for (var field : line.properties()) {
        if (!NO_SCORE.contains(field.getKey())) {
          validations.add(
              new Validation(
                  line.path("step").asLong(),
                  line.path("epoch").asInt(),
                  field.getKey(),
                  field.getValue().asDouble(Double.NaN),
                  line.path("best").asBoolean()));
        }
      }
    }
    return new RunHistory(
        config.options().seed(),
        config.options().folds(),
        config.fingerprint(),
        List.copyOf(steps),
        List.copyOf(validations));
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        try {
          lines.add(JSON.readTree(line));
        } catch (JsonProcessingException cut) {
          continue;
        }
      }
    }
    return lines;
  }
}
