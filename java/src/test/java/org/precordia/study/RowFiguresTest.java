// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Figures of a row are found wherever an evaluation has them, and no others. */
class RowFiguresTest {
  private static String evaluation(double value) {
    return """
    {"n_windows": 9, "rows": [
       {"name": "ridge", "mean": {"rmse": 7}},
       {"name": "model", "parameters": 5, "mean": {"rmse": %1$s, "n_flat": 1, "ci": {"rmse": [1, 2]}, "r2": null}}],
     "groups": [{"name": "NORM", "n_patients": 3, "rows": [{"name": "model", "mean": {"rmse": 4}}]}],
     "tests": [{"row": "model", "p": 0.5}],
     "clinical": {"bias": 6, "r": {"rows": {"ridge": {"V1": 8}, "model": {"V1": %1$s}}}}}
    """
        .formatted(value);
  }

  @Test
  void placesAreThoseOfTheDocument() throws JsonProcessingException {
    RowFigures figures = new RowFigures("model");
    figures.add(new ObjectMapper().readTree(evaluation(1.5)));
    figures.add(new ObjectMapper().readTree(evaluation(2.5)));
    assertEquals(
        Set.of("mean/rmse", "groups/NORM/mean/rmse", "clinical/r/V1"), figures.spreads().keySet());
    assertEquals(new Spread(List.of(1.5, 2.5)), figures.spreads().get("mean/rmse"));
    assertEquals(2, figures.spreads().get("clinical/r/V1").mean());
    assertEquals(Math.sqrt(0.5), figures.spreads().get("mean/rmse").deviation(), 1e-15);
    assertEquals(4, figures.spreads().get("groups/NORM/mean/rmse").mean());
  }
}
