// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.precordia.TestModels;
import org.precordia.data.Shard;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.Evaluator;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.Initialisation;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowSource;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Stream;

/** Scores and evaluations of untrained networks, which must not depend on the number of ranks. */
final class RanksScores {
  private RanksScores() {}

  /**
   * All bits of the three scores, an evaluation, then the rank whose parameters differ: none, and
   * the last.
   */
  static List<String> of(Context context, Shard shard, TrainingRanks ranks) {
    TrainingOptions options = TrainingShard.narrow().build();
    TrainingData data = new TrainingData(shard, Recipe.joint(), options);
    NetworkConfig config = options.network(data.labels().vocabulary(), false);
    List<String> scores = new ArrayList<>();
    try (Stream stream = context.stream();
        DeviceRecords records =
            new DeviceRecords(stream, shard, data.labels().masks(), DataPlacement.DEVICE);
        WindowSource source = new WindowSource(stream, config, data.standardisation(), records);
        Weights weights = new Weights(stream, config, DType.F32)) {
      float[] parameters = Initialisation.draw(weights.layout(), options.seed());
      weights.upload(parameters);
      List<WindowRef> inner = WindowRef.list(data.inner());
      List<InnerValidation> validations =
          List.of(
              new ReconstructionValidation(source, inner, ranks),
              new ClassifierValidation(source, data, ranks),
              new NeighbourValidation(source, data, ranks));
      for (InnerValidation validation : validations) {
        try (validation) {
          InnerValidation.Score score = validation.score(weights);
          scores.add(score.name() + " " + Double.toHexString(score.value()));
        }
      }
      scores.add(evaluation(stream, shard, ranks).toJson().toString());
      scores.add(Checksum.rankThatDiffers(stream, ranks, weights, weights).toString());
      if (ranks.rank() > 0 && ranks.rank() == ranks.count() - 1) {
        parameters[0] = Math.nextUp(parameters[0]);
        weights.upload(parameters);
      }
      scores.add(Checksum.rankThatDiffers(stream, ranks, weights, weights).toString());
    }
    return scores;
  }

  private static Evaluation evaluation(Stream stream, Shard shard, TrainingRanks ranks) {
    return new Evaluator(
            stream, shard, DataPlacement.AUTO, Precision.FP32, (row, done, total) -> {})
        .across(ranks.communicator())
        .evaluate(
            "synthetic",
            "all",
            fold -> true,
            List.of(new EvaluationRow(EvaluationRow.MODEL, TestModels.linear(), 20)),
            Map.of());
  }
}
