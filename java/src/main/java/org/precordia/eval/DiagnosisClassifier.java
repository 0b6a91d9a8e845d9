// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.data.Windows;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.RecordProbabilities;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;
import org.precordia.runtime.DType;
import org.precordia.runtime.Stream;

/**
 * A frozen classifier of diagnostic superclasses: a network of {@code precordia train --recipe
 * diagnosis}, which has seen recorded leads alone. A record's probability is the mean over its
 * windows.
 *
 * @param model the network
 */
public record DiagnosisClassifier(ModelFile model) {
  private static final String THRESHOLDS = "thresholds";
  private static final int BATCH = 64;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @throws IllegalArgumentException when the model is no such classifier
   */
  public DiagnosisClassifier {
    if (model.metadata().network().reconstructs()) {
      throw new IllegalArgumentException(
          "--classifier takes a model that precordia train --recipe diagnosis made; this one"
              + " reconstructs leads");
    }
  }

  /** Reads a classifier: a model file, or the folder of the run that made it. */
  public static DiagnosisClassifier read(Path file) throws IOException {
    return new DiagnosisClassifier(
        ModelFile.read(Files.isDirectory(file) ? file.resolve("model.safetensors") : file));
  }

  /** The superclasses, in the order of its outputs. */
  public List<String> classes() {
    return model.metadata().network().labels();
  }

  /**
   * The thresholds that were chosen at the end of its training.
   *
   * @throws EvaluationException when there are none
   */
  double[] thresholds() {
    JsonNode stored = provenance().path(THRESHOLDS);
    return classes().stream()
        .mapToDouble(
            name -> {
              if (!stored.has(name)) {
                throw new EvaluationException(
                    "the classifier has no threshold for "
                        + name
                        + ": its training did not come to its end; go on with precordia train"
                        + " --resume");
              }
              return stored.get(name).asDouble(Double.NaN);
            })
        .toArray();
  }

  /** Whether patients of this shard were among those that it learned from. */
  boolean learnedFrom(Shard shard) {
    return provenance().path("fingerprint").asText().equals(shard.fingerprint());
  }

  private JsonNode provenance() {
    try {
      return JSON.readTree(model.metadata().provenance());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a model's provenance is JSON", e);
    }
  }

  /**
   * The classifier with thresholds of largest F1 on some records, which it must not have learned
   * from.
   */
  public DiagnosisClassifier calibrated(
      Stream stream, Shard shard, int[] records, DataPlacement placement) {
    double[] thresholds;
    try (DeviceRecords data = new DeviceRecords(stream, shard, null, placement)) {
      List<WindowRef> windows = WindowRef.list(Windows.forEvaluation(shard, records));
      thresholds = bestThresholds(shard, probabilities(stream, data, windows));
    }
    ObjectNode stored = JSON.createObjectNode();
    for (int k = 0; k < thresholds.length; k++) {
      if (!Double.isNaN(thresholds[k])) {
        stored.put(classes().get(k), thresholds[k]);
      } else {
        stored.putNull(classes().get(k));
      }
    }
    ModelMetadata m = model.metadata();
    String provenance = ((ObjectNode) provenance()).set(THRESHOLDS, stored).toString();
    return new DiagnosisClassifier(
        new ModelFile(
            new ModelMetadata(
                m.network(),
                m.rate(),
                m.preprocessing(),
                m.standardisation(),
                m.recipe(),
                provenance,
                m.version()),
            model.parameters()));
  }

  /** Thresholds of largest F1 on records; NaN for a class that none of them has. */
  double[] bestThresholds(Shard shard, Map<Integer, double[]> probabilities) {
    Map<Integer, double[]> labelled = new LinkedHashMap<>(probabilities);
    labelled.keySet().removeIf(index -> shard.record(index).superclasses() == 0);
    return IntStream.range(0, classes().size())
        .mapToDouble(k -> ranked(shard, labelled, k).bestThreshold())
        .toArray();
  }

  /** The records' scores of one class beside whether they have it. */
  RankedScores ranked(Shard shard, Map<Integer, double[]> probabilities, int k) {
    double[] scores = probabilities.values().stream().mapToDouble(p -> p[k]).toArray();
    boolean[] member = new boolean[scores.length];
    int bit = shard.superclasses().indexOf(classes().get(k));
    int place = 0;
    for (int index : probabilities.keySet()) {
      ShardRecord record = shard.record(index);
      member[place++] = bit >= 0 && (record.superclasses() >>> bit & 1) != 0;
    }
    return new RankedScores(scores, member);
  }

  /**
   * Probabilities {@code [class]} of records.
   *
   * @param data where the records' samples are
   * @param windows of the records
   */
  Map<Integer, double[]> probabilities(Stream stream, DeviceRecords data, List<WindowRef> windows) {
    ModelMetadata m = model.metadata();
    RecordProbabilities records = new RecordProbabilities();
    try (WindowSource source = new WindowSource(stream, m.network(), m.standardisation(), data);
        Weights weights = new Weights(stream, m.network(), DType.F32)) {
      weights.upload(model.parameters());
      try (WindowRunner runner =
          new WindowRunner(
              source, weights, Math.clamp(windows.size(), 1, BATCH), WindowRunner.Mode.EMBEDDING)) {
        runner.run(windows, records::add);
      }
    }
    return records.means();
  }
}
