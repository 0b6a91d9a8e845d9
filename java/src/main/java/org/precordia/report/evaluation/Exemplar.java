// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.eval.Evaluation;
import org.precordia.eval.EvaluationRow;
import org.precordia.eval.RecordResult;
import org.precordia.eval.RecordTrace;
import org.precordia.model.RecordLeads;

/**
 * One record that a report draws.
 *
 * @param role why it was chosen
 * @param record its scores
 * @param signals what is drawn, in order: target leads, then inputs
 */
public record Exemplar(String role, RecordResult record, Map<Lead, Signal> signals) {

  /**
   * One lead.
   *
   * @param truth as recorded, mV
   * @param reconstructed as reconstructed, or null where the lead was an input
   */
  public record Signal(double[] truth, double[] reconstructed) {}

  /** A record of a role that was chosen, before anything is known of its signals. */
  public record Choice(String role, RecordResult record) {}

  /** The best, the median and the worst record by the model's error; fewer where there are. */
  public static List<Choice> choose(Evaluation evaluation) {
    List<RecordResult> ranked =
        evaluation.records().stream()
            .filter(record -> record.rows().containsKey(EvaluationRow.MODEL))
            .sorted(Comparator.comparingDouble(r -> r.rows().get(EvaluationRow.MODEL).rmse()))
            .toList();
    Map<RecordResult, String> roles = new LinkedHashMap<>();
    if (!ranked.isEmpty()) {
      roles.put(ranked.getFirst(), "Best record");
      roles.putIfAbsent(ranked.get(ranked.size() / 2), "Median record");
      roles.putIfAbsent(ranked.getLast(), "Worst record");
    }
    List<Choice> choices = new ArrayList<>();
    roles.forEach((record, role) -> choices.add(new Choice(role, record)));
    return choices;
  }

  /**
   * A choice with its signals: the target leads of its trace, and the inputs as the shard has them.
   */
  public static Exemplar of(Choice choice, RecordTrace trace, Evaluation evaluation, Shard shard) {
    Map<Lead, Signal> signals = new LinkedHashMap<>();
    for (int t = 0; t < evaluation.targets().size(); t++) {
      signals.put(
          evaluation.targets().get(t), new Signal(trace.truth()[t], trace.reconstructed()[t]));
    }
    float[][] inputs = RecordLeads.millivolts(shard, trace.index(), evaluation.inputs());
    for (int i = 0; i < inputs.length; i++) {
      double[] input = new double[inputs[i].length];
      for (int t = 0; t < input.length; t++) {
        input[t] = inputs[i][t];
      }
      signals.put(evaluation.inputs().get(i), new Signal(input, null));
    }
    return new Exemplar(choice.role(), choice.record(), signals);
  }
}
