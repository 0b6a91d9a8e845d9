// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A row's figures are found wherever an evaluation has them, and no other row's. */
class RowFiguresTest {
  private static final String EVALUATION =
      """
      {"rows": [{"name": "mean", "parameters": 5, "mean": {"rmse": 0.5, "n_windows": 7, "ci": [0, 1]}},
                {"name": "ridge", "parameters": 9, "mean": {"rmse": 0.25}}],
       "superclasses": [{"name": "MI", "rows": [{"name": "ridge", "mean": {"rmse": 0.75}}]}],
       "clinical": {"beats": {"n_measured": 3},
                    "rows": [{"name": "mean", "st60": {"mean": {"mae": 4}}},
                             {"name": "ridge", "st60": {"mean": {"mae": 2}}}]},
       "diagnosis": {"original": {"macro_auc": 0.9},
                     "rows": {"mean": {"macro_auc": 0.5}, "ridge": {"macro_auc": 0.8}}}}
      """;

  private static RowFigures figures(String row, int times) throws JsonProcessingException {
    JsonNode json = new ObjectMapper().readTree(EVALUATION);
    RowFigures figures = new RowFigures(row);
    for (int i = 0; i < times; i++) {
      figures.add(json);
    }
    return figures;
  }

  @Test
  void figuresOfListsAndOfNamesAreFound() throws JsonProcessingException {
    Map<String, Spread> ridge = figures("ridge", 2).spreads();
    assertEquals(
        Set.of(
            "mean/rmse",
            "superclasses/MI/mean/rmse",
            "clinical/st60/mean/mae",
            "diagnosis/macro_auc"),
        ridge.keySet());
    assertEquals(List.of(0.8, 0.8), ridge.get("diagnosis/macro_auc").values());
    assertEquals(List.of(0.25, 0.25), ridge.get("mean/rmse").values());
  }

  @Test
  void aRowNamedAsAFigureHasItsOwnAlone() throws JsonProcessingException {
    Map<String, Spread> mean = figures("mean", 1).spreads();
    assertEquals(
        Set.of("mean/rmse", "clinical/st60/mean/mae", "diagnosis/macro_auc"), mean.keySet());
    assertEquals(List.of(4.0), mean.get("clinical/st60/mean/mae").values());
  }

  @Test
  void figuresFromElsewhereHaveAPlaceOfTheirOwn() throws JsonProcessingException {
    RowFigures figures = figures("ridge", 1);
    figures.add("embedding/", new ObjectMapper().readTree("{\"knn\": {\"h\": 0.4, \"n_h\": 3}}"));
    assertEquals(List.of(0.4), figures.spreads().get("embedding/knn/h").values());
  }
}
