// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every number that evaluations have of a row, wherever in their JSON, by its place: {@code
 * mean/rmse_window}, {@code superclasses/NORM/mean/rmse_window}. So a study has whatever an
 * evaluation measures. Of the row is what lies beneath its name, as a field or as the {@code name}
 * in a list; counts ({@code n_…}) and intervals are no figures.
 */
final class RowFigures {
  private static final String NAME = "name";

  /** Stands between a group and its rows and says nothing. */
  private static final String ROWS = "rows";

  private final String row;
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  RowFigures(String row) {
    this.row = row;
  }

  /** Adds an evaluation. */
  void add(JsonNode evaluation) {
    search("", evaluation);
  }

  /** The figures over the evaluations that were added. */
  Map<String, Spread> spreads() {
    Map<String, Spread> spreads = new LinkedHashMap<>();
    values.forEach((place, of) -> spreads.put(place, new Spread(of)));
    return spreads;
  }

  private void search(String place, JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getKey().equals(row)) {
        collect(place, field.getValue());
      } else {
        search(
            field.getKey().equals(ROWS) ? place : place + field.getKey() + "/", field.getValue());
      }
    }
    if (node.isArray()) {
      for (JsonNode element : node) {
        String name = element.path(NAME).asText();
        if (name.equals(row)) {
          collect(place, element);
        } else if (!name.isEmpty()) {
          search(place + name + "/", element);
        }
      }
    }
  }

  private void collect(String place, JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String name = place + field.getKey();
      boolean counts = field.getKey().startsWith("n_") || field.getKey().equals("parameters");
      if (field.getValue().isObject()) {
        collect(name + "/", field.getValue());
      } else if (field.getValue().isNumber() && !counts) {
        values.computeIfAbsent(name, n -> new ArrayList<>()).add(field.getValue().asDouble());
      }
    }
  }
}
