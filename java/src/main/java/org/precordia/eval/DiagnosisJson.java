// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A classifier's figures as JSON (docs/evaluation.md). */
final class DiagnosisJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private DiagnosisJson() {}

  static ObjectNode of(DiagnosisResult result) {
    ObjectNode json = JSON.createObjectNode();
    json.put("n_records", result.records()).put("n_patients", result.patients());
    json.put("n_unlabelled", result.unlabelled());
    json.put("thresholds_from", result.thresholdsFrom()).put("seen_data_set", result.seen());
    ArrayNode classes = json.putArray("classes");
    for (int k = 0; k < result.classes().size(); k++) {
      ObjectNode one = classes.addObject().put("name", result.classes().get(k));
      one.put("n_records", result.members().get(k));
      JsonFigures.number(one, "threshold", result.thresholds().get(k));
    }
    json.set("original", of(result, result.original()));
    ObjectNode rows = json.putObject("rows");
    result.rows().forEach((row, scores) -> rows.set(row, of(result, scores)));
    return json;
  }

  private static ObjectNode of(DiagnosisResult result, DiagnosisResult.Scores scores) {
    ObjectNode json = JSON.createObjectNode();
    put(json, "macro_auc", scores.macroAuc());
    put(json, "macro_f1", scores.macroF1());
    put(json, "auc_kept_percent", scores.aucKept());
    put(json, "f1_kept_percent", scores.f1Kept());
    ObjectNode classes = json.putObject("classes");
    for (int k = 0; k < result.classes().size(); k++) {
      ObjectNode one = classes.putObject(result.classes().get(k));
      put(one, "auc", scores.auc().get(k));
      put(one, "f1", scores.f1().get(k));
    }
    return json;
  }

  private static void put(ObjectNode json, String key, DiagnosisResult.Figure figure) {
    JsonFigures.number(json, key, figure.value());
    JsonFigures.interval(json, key + "_ci", figure.interval());
  }
}
