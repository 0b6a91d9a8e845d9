// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.precordia.data.AtomicFile;

/**
 * The folder of a run: {@code config.json}, {@code checkpoint.safetensors}, {@code metrics.jsonl}
 * with a line a step, {@code validations.jsonl} with a line an epoch, {@code model.safetensors}. Of
 * several ranks the first one alone writes; to the others it is only a name.
 */
final class RunDirectory implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private int ranks = 1;
  private BufferedWriter metrics; // null where nothing is written
  private BufferedWriter validations;

  private RunDirectory(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder of a new run. One whose first step never came leaves nothing worth keeping.
   *
   * @throws TrainingException when it already holds steps of a run
   */
  static RunDirectory create(Path folder, String config) throws IOException {
    RunDirectory run = new RunDirectory(folder);
    if (Files.exists(run.checkpoint()) || hasLines(run.metricsFile())) {
      throw new TrainingException(
          "%s already holds a run: go on with it by --resume, or choose another folder", folder);
    }
    Files.createDirectories(folder);
    AtomicFile.write(run.config(), config + "\n");
    run.open(0);
    return run;
  }

  /**
   * Opens the folder of a run to go on with it: lines beyond the last checkpoint are dropped, since
   * their steps will run again.
   *
   * @param step last step of the checkpoint
   */
  static RunDirectory reopen(Path folder, long step) throws IOException {
    RunDirectory run = new RunDirectory(folder);
    run.open(step);
    return run;
  }

  /** The folder of a run that another rank writes. */
  static RunDirectory ofOther(Path folder) {
    return new RunDirectory(folder);
  }

  /** Sets how many ranks train, which lines tell. */
  RunDirectory ranks(int count) {
    ranks = count;
    return this;
  }

  /** Reads the configuration of a run. */
  static JsonNode readConfig(Path folder) throws IOException {
    Path file = new RunDirectory(folder).config();
    if (!Files.isRegularFile(file)) {
      throw new TrainingException(
          "%s holds no run to go on with: there is no %s", folder, file.getFileName());
    }
    try {
      return JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new TrainingException("%s is damaged: %s", file, e.getOriginalMessage());
    }
  }

  private static boolean hasLines(Path file) throws IOException {
    return Files.exists(file) && Files.size(file) > 0;
  }

  private Path metricsFile() {
    return folder.resolve("metrics.jsonl");
  }

  Path config() {
    return folder.resolve("config.json");
  }

  Path checkpoint() {
    return checkpointOf(folder);
  }

  /** Where a run in a folder keeps its checkpoint. */
  static Path checkpointOf(Path folder) {
    return folder.resolve("checkpoint.safetensors");
  }

  Path model() {
    return folder.resolve("model.safetensors");
  }

  private void open(long step) throws IOException {
    metrics = appendTo(metricsFile(), step);
    validations = appendTo(folder.resolve("validations.jsonl"), step);
  }

  private static BufferedWriter appendTo(Path file, long step) throws IOException {
    if (Files.exists(file)) {
      List<String> kept =
          Files.readAllLines(file).stream().filter(line -> stepOf(line) <= step).toList();
      AtomicFile.write(file, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
    }
    return Files.newBufferedWriter(
        file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** The step of a line; a line cut short by a crash lies beyond any checkpoint. */
  private static long stepOf(String line) {
    try {
      JsonNode step = JSON.readTree(line).get("step");
      return step == null ? Long.MAX_VALUE : step.asLong();
    } catch (JsonProcessingException cut) {
      return Long.MAX_VALUE;
    }
  }

  void write(TrainingListener.Step step, int epoch) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", step.step());
    line.put("stage", step.stage());
    line.put("epoch", epoch);
    line.put("loss", step.metrics().loss());
    line.put("reconstruction", step.metrics().reconstruction());
    line.put("mse", step.metrics().mse());
    line.put("l1", step.metrics().l1());
    line.put("contrastive", step.metrics().contrastive());
    line.put("classifier", step.metrics().classifier());
    line.put("anchors", step.metrics().anchors());
    line.put("rate", step.metrics().rate());
    line.put("gradient_norm", step.metrics().gradientNorm());
    line.put("windows_per_s", (float) step.windowsPerSecond());
    line.put("ranks", ranks);
    append(metrics, line);
  }

  void write(TrainingListener.Validation validation) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", validation.step());
    line.put("stage", validation.stage());
    line.put("epoch", validation.epoch());
    line.put(validation.score(), validation.value());
    line.put("best", validation.best());
    line.put("ranks", ranks);
    append(validations, line);
    flush();
  }

  private static void append(BufferedWriter file, ObjectNode line) throws IOException {
    if (file != null) {
      file.write(line.toString());
      file.write('\n');
    }
  }

  /** Hands all lines to the operating system. */
  void flush() throws IOException {
    if (metrics != null) {
      metrics.flush();
      validations.flush();
    }
  }

  @Override
  public void close() throws IOException {
    try (BufferedWriter _ = metrics;
        BufferedWriter _ = validations) {
      flush();
    }
  }
}
