// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.precordia.data.DataException;
import org.precordia.data.Shard;
import org.precordia.eval.Baselines;
import org.precordia.eval.EvaluationRow;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.ProgramVersion;
import org.precordia.runtime.Context;
import org.precordia.runtime.Stream;
import org.precordia.train.TrainingData;
import org.precordia.train.TrainingOptions;

/** The rows of a study that are fitted once, on all training patients, and need no seed. */
final class StudyFits {
  private static final String FINGERPRINT = "fingerprint";

  private final Path study;
  private final Baselines baselines;
  private final Shard shard;

  StudyFits(Path study, Shard shard) {
    this.study = study;
    this.baselines = new Baselines(study);
    this.shard = shard;
  }

  /**
   * Requires that what is there was fitted to these data.
   *
   * @throws DataException when it was not
   */
  void requireSame() throws IOException {
    Path ridge = baselines.file(EvaluationRow.RIDGE);
    if (!Files.exists(ridge)) {
      return;
    }
    String there;
    try {
      there =
          new ObjectMapper()
              .readTree(ModelFile.read(ridge).metadata().provenance())
              .path(FINGERPRINT)
              .asText();
    } catch (JsonProcessingException e) {
      throw new DataException(ridge, 0, "is damaged", "delete it and study again", e);
    }
    if (!there.equals(shard.fingerprint())) {
      throw new DataException(
          ridge,
          "was fitted to other data (%s) than %s (%s)"
              .formatted(there, shard.file(), shard.fingerprint()),
          "choose another folder than " + study);
    }
  }

  /**
   * Fits what is missing.
   *
   * @param data the training records
   * @param lagged whether the regression with lags is wanted
   */
  void fit(
      Context context,
      TrainingData data,
      TrainingOptions options,
      boolean lagged,
      DataPlacement placement,
      StudyListener listener)
      throws IOException {
    try (Stream stream = context.stream()) {
      if (!Files.exists(baselines.file(EvaluationRow.RIDGE))) {
        listener.fitting(EvaluationRow.RIDGE);
        baselines.fit(stream, shard, metadata(data, options), data.records(), placement);
      }
      if (lagged && !Files.exists(baselines.file(EvaluationRow.RIDGE_LAGS))) {
        listener.fitting(EvaluationRow.RIDGE_LAGS);
        baselines.fitLagged(stream, shard, metadata(data, options), data.records(), placement);
      }
    }
  }

  private ModelMetadata metadata(TrainingData data, TrainingOptions options) {
    String provenance =
        new ObjectMapper()
            .createObjectNode()
            .put(FINGERPRINT, shard.fingerprint())
            .put("records", data.records().length)
            .toString();
    return new ModelMetadata(
        options.network(List.of(), true),
        shard.rate(),
        shard.preset(),
        data.standardisation(),
        "{}",
        provenance,
        ProgramVersion.get());
  }
}
