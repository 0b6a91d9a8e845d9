// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.precordia.eval.Evaluation;
import org.precordia.eval.embedding.EmbeddingResult;

/**
 * What was measured of the networks of one seed.
 *
 * @param seed the seed
 * @param evaluation all rows on the same windows
 * @param json the evaluation without single records
 * @param embeddings of rows that have a pathology branch, by name; empty where it was not asked for
 */
record SeedEvaluation(
    int seed, Evaluation evaluation, JsonNode json, Map<String, EmbeddingResult> embeddings) {
  SeedEvaluation(int seed, Evaluation evaluation, Map<String, EmbeddingResult> embeddings) {
    this(seed, evaluation, evaluation.summaryJson(), Map.copyOf(embeddings));
  }

  boolean has(String row) {
    return evaluation.rows().stream().anyMatch(r -> r.name().equals(row));
  }

  /** Adds all figures of the row. */
  void addTo(RowFigures figures, String row) {
    figures.add(json);
    if (embeddings.containsKey(row)) {
      figures.add("embedding/", embeddings.get(row).toJson());
    }
  }
}
