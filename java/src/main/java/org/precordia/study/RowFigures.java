// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every number that evaluations have of a row, wherever in their JSON, by its place: {@code
 * mean/rmse_window}, {@code superclasses/NORM/mean/rmse_window}. So a study has whatever an
 * evaluation measures. Rows lie beneath {@code rows}, as fields or as elements with a {@code name};
 * nothing else is searched in there, since a row's name, such as {@code mean}, can also be that of
 * another row's figure. Counts ({@code n_…}) and intervals are no figures.
 */
final class RowFigures {
  private static final String NAME = "name";

  /** Stands between a group and its rows, and is not part of a place. */
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

  /** Adds figures of the row that lie at a place of their own. */
  void add(String place, JsonNode figuresOfRow) {
    collect(place, figuresOfRow);
  }

  /** The figures over the evaluations that were added. */
  Map<String, Spread> spreads() {
    Map<String, Spread> spreads = new LinkedHashMap<>();
    values.forEach((place, of) -> spreads.put(place, new Spread(of)));
    return spreads;
  }

  private void search(String place, JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getKey().equals(ROWS)) {
        collect(place, own(field.getValue()));
      } else {
        search(place + field.getKey() + "/", field.getValue());
      }
    }
    if (node.isArray()) {
      for (JsonNode element : node) {
        if (element.has(NAME)) {
          search(place + element.path(NAME).asText() + "/", element);
        }
      }
    }
  }

  /** The row among others; a missing node where it is not. */
  private JsonNode own(JsonNode rows) {
    if (rows.isObject()) {
      return rows.path(row);
    }
    for (JsonNode element : rows) {
      if (element.path(NAME).asText().equals(row)) {
        return element;
      }
    }
    return MissingNode.getInstance();
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
