// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.precordia.model.Safetensors;
import org.precordia.model.SafetensorsWriter;
import org.precordia.runtime.StepState;

/**
 * Everything a run needs to go on as if it had never stopped: parameters, moments, average, the
 * best parameters so far, the step state with the random key and counters, and the progress that
 * the epoch's index is drawn from.
 *
 * @param progress how far the run is
 * @param configHash names recipe, options and data; a run of others does not go on from here
 * @param ranks how many ranks wrote it
 * @param parameters flat buffer
 * @param firstMoment flat buffer of the trained parameters
 * @param secondMoment flat buffer of the trained parameters
 * @param average flat buffer, or null without moving average
 * @param best flat buffer, or null before the first validation
 * @param state the step state
 */
record Checkpoint(
    Progress progress,
    String configHash,
    int ranks,
    float[] parameters,
    float[] firstMoment,
    float[] secondMoment,
    float[] average,
    float[] best,
    StepState state) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PROGRESS = "progress";
  private static final String CONFIG = "config";
  private static final String RANKS = "ranks";

  /** Writes the checkpoint over an older one, whole or not at all. */
  void write(Path file) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    try {
      writer.metadata(PROGRESS, JSON.writeValueAsString(progress));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers is JSON", e);
    }
    writer.metadata(CONFIG, configHash);
    writer.metadata(RANKS, Integer.toString(ranks));
    add(writer, "parameters", parameters);
    add(writer, "first_moment", firstMoment);
    add(writer, "second_moment", secondMoment);
    add(writer, "average", average);
    add(writer, "best", best);
    writer.add("state", state.bytes());
    writer.write(file);
  }

  private static void add(SafetensorsWriter writer, String name, float[] values) {
    if (values != null) {
      writer.add(name, values, 0, values.length);
    }
  }

  /**
   * Parses a checkpoint.
   *
   * @param file where it was read, for messages
   * @param content all of the file
   * @param parameterCount elements of the flat buffer
   * @param trainedCount elements of the moments
   * @throws org.precordia.model.TensorFileException when it is damaged or of another shape
   * @throws TrainingException when it belongs to another run
   */
  static Checkpoint of(
      Path file, byte[] content, long parameterCount, long trainedCount, String configHash)
      throws IOException {
    Safetensors tensors = Safetensors.of(file, content);
    String text = tensors.metadata().get(PROGRESS);
    if (text == null) {
      throw new TrainingException("%s is no checkpoint of a training run", file);
    }
    if (!configHash.equals(tensors.metadata().get(CONFIG))) {
      throw new TrainingException(
          "%s belongs to a run with another recipe, other options or other data; go on with the"
              + " ones it was started with, or start anew in another folder",
          file);
    }
    Progress progress;
    try {
      progress = JSON.readValue(text, Progress.class);
    } catch (JsonProcessingException e) {
      throw new TrainingException("%s: progress cannot be read: %s", file, e.getOriginalMessage());
    }
    return new Checkpoint(
        progress,
        configHash,
        Integer.parseInt(tensors.metadata().getOrDefault(RANKS, "1")),
        tensors.floats("parameters", parameterCount),
        tensors.floats("first_moment", trainedCount),
        tensors.floats("second_moment", trainedCount),
        tensors.has("average") ? tensors.floats("average", parameterCount) : null,
        tensors.has("best") ? tensors.floats("best", parameterCount) : null,
        StepState.of(tensors.bytes("state", StepState.BYTES)));
  }
}
