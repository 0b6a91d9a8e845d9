// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.precordia.train.Recipe;
import org.precordia.train.StageConfig;
import org.precordia.train.TrainingListener;
import org.precordia.train.TrainingOptions;

/**
 * The log of a training run in the lines that MLPerf's tools read: {@code :::MLLOG} and a JSON
 * object with time, key, value and metadata. docs/benchmark-rules.md lists the keys.
 *
 * <p>As a listener it writes what happens in training; what only the caller knows, it is told.
 */
public final class MlperfLog implements TrainingListener, Closeable {
  private static final String PREFIX = ":::MLLOG ";
  private static final String POINT = "POINT_IN_TIME";
  private static final String START = "INTERVAL_START";
  private static final String END = "INTERVAL_END";

  private final BufferedWriter file;
  private final Recipe recipe;
  private final TrainingOptions options;
  private int epoch;
  private long samples;
  private long steps;
  private boolean running;

  /** Opens a log; lines go to the end of a file that is there. */
  public MlperfLog(Path path, Recipe recipe, TrainingOptions options) throws IOException {
    this.recipe = recipe;
    this.options = options;
    if (path.toAbsolutePath().getParent() != null) {
      Files.createDirectories(path.toAbsolutePath().getParent());
    }
    file =
        Files.newBufferedWriter(
            path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Override
  public void started(Plan plan) {
    StageConfig stage = recipe.stages().getFirst();
    JsonNodeFactory json = JsonNodeFactory.instance;
    write(POINT, "submission_benchmark", json.textNode("precordia " + recipe.name()));
    write(POINT, "seed", json.numberNode(options.seed()));
    write(POINT, "global_batch_size", json.numberNode(stage.sampler().batch()));
    write(POINT, "gradient_accumulation_steps", json.numberNode(options.accumulate()));
    write(POINT, "train_samples", json.numberNode(plan.windows()));
    write(POINT, "opt_name", json.textNode("adamw"));
    write(POINT, "opt_base_learning_rate", json.numberNode(stage.rate().peak()));
    write(POINT, "opt_weight_decay", json.numberNode(stage.weightDecay()));
    write(START, "run_start", json.nullNode());
    running = true;
    steps = plan.steps();
    write(START, "epoch_start", json.nullNode());
  }

  @Override
  public void step(Step step) {
    recipe.stages().stream()
        .filter(stage -> stage.name().equals(step.stage()))
        .findFirst()
        .ifPresent(stage -> samples += stage.sampler().batch());
  }

  @Override
  public void validated(Validation validation) {
    beginEvaluation();
    accuracy(validation.score(), validation.value());
    endEvaluation(validation.step() < steps);
  }

  /** An epoch is over and is going to be judged. */
  void beginEvaluation() {
    epoch++;
    write(END, "epoch_stop", JsonNodeFactory.instance.nullNode());
    write(START, "eval_start", JsonNodeFactory.instance.nullNode());
  }

  /**
   * An epoch has been judged.
   *
   * @param more whether another one begins
   */
  void endEvaluation(boolean more) {
    write(END, "eval_stop", JsonNodeFactory.instance.nullNode());
    if (more) {
      write(START, "epoch_start", JsonNodeFactory.instance.nullNode());
    }
  }

  /** An accuracy that was measured; {@code score} says which. */
  public void accuracy(String score, double value) {
    ObjectNode metadata = place().put("metric", score);
    write(POINT, "eval_accuracy", JsonNodeFactory.instance.numberNode(value), metadata);
  }

  /**
   * The run is over; said once.
   *
   * @param success whether it reached what it was to reach
   */
  public void stop(boolean success) {
    if (running) {
      running = false;
      ObjectNode metadata = place().put("status", success ? "success" : "aborted");
      write(END, "run_stop", JsonNodeFactory.instance.nullNode(), metadata);
    }
  }

  private ObjectNode place() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("epoch_num", epoch)
        .put("samples_count", samples);
  }

  private void write(String type, String key, JsonNode value) {
    write(type, key, value, place());
  }

  private void write(String type, String key, JsonNode value, ObjectNode metadata) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("namespace", "").put("time_ms", System.currentTimeMillis());
    line.put("event_type", type).put("key", key);
    line.set("value", value);
    line.set("metadata", metadata);
    try {
      file.write(PREFIX + line + "\n");
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    stop(false);
    file.close();
  }
}
