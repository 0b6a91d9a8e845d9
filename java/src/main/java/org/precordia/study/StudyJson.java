// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.precordia.data.Lead;
import org.precordia.eval.Evaluation;
import org.precordia.eval.JsonFigures;
import org.precordia.eval.PairedTest;
import org.precordia.eval.SeedMeans;

/** A study as JSON (docs/evaluation.md, Study); the format is add-only. */
public final class StudyJson {
  private StudyJson() {}

  /** The whole result; figures that are not defined are null. */
  public static ObjectNode of(StudyResult result) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    Evaluation e = result.evaluation();
    json.put("dataset", e.dataset()).put("fold", e.fold()).put("unit", "mV");
    json.put("n_patients", e.patients()).put("n_windows", e.windows());
    json.put("n_excluded", e.excluded());
    leads(json.putArray("inputs"), e.inputs());
    leads(json.putArray("targets"), e.targets());
    json.put("preprocessing", e.preprocessing()).put("rate_hz", e.rate());
    json.put("looks", result.looks());
    ArrayNode rows = json.putArray("rows");
    result.rows().forEach(row -> rows.add(row(row)));
    ArrayNode controls = json.putArray("controls");
    result.controls().forEach(c -> controls.add(comparison(c, "control")));
    ArrayNode rivals = json.putArray("rivals");
    result.rivals().forEach(c -> rivals.add(comparison(c, "rival")));
    JsonNode diagnosis = e.summaryJson().path("diagnosis");
    if (diagnosis instanceof ObjectNode found) {
      json.set("diagnosis", found.without("rows"));
    }
    ArrayNode curve = json.putArray("curve");
    result.curve().forEach(point -> curve.add(point(point)));
    ObjectNode provenance = json.putObject("provenance");
    result.provenance().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> provenance.put(entry.getKey(), entry.getValue()));
    return json;
  }

  private static void leads(ArrayNode array, Iterable<Lead> leads) {
    leads.forEach(lead -> array.add(lead.label()));
  }

  private static ObjectNode row(RowSummary row) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("name", row.name()).put("what", row.what()).put("parameters", row.parameters());
    row.seeds().forEach(json.putArray("seeds")::add);
    json.put("rmse_window", row.rmse());
    JsonFigures.interval(json, "rmse_window_ci", row.interval());
    ObjectNode against = json.putObject("against");
    row.against()
        .forEach(
            (name, change) -> {
              ObjectNode one = spread(change.seeds());
              JsonFigures.interval(one, "ci", change.interval());
              against.set(name, one);
            });
    ObjectNode figures = json.putObject("figures");
    row.figures().forEach((place, spread) -> figures.set(place, spread(spread)));
    return json;
  }

  private static ObjectNode comparison(StudyComparison comparison, String role) {
    SeedMeans.Difference difference = comparison.difference();
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("row", comparison.row().id()).put(role, comparison.against().id());
    json.put("n_patients", difference.patients()).put("n_better", difference.better());
    json.put("rmse_window_difference", difference.millivolt());
    json.put("rmse_window_percent", difference.percent());
    JsonFigures.interval(json, "rmse_window_percent_ci", difference.interval());
    ArrayNode tests = json.putArray("tests");
    for (PairedTest test : comparison.tests()) {
      ObjectNode one = tests.addObject().put("metric", test.metric().key());
      one.put("n_patients", test.patients());
      JsonFigures.number(one, "median_difference", test.difference());
      JsonFigures.number(one, "p", test.p());
      JsonFigures.number(one, "p_holm", test.holm());
    }
    return json.put("beats", comparison.beats());
  }

  private static ObjectNode point(CurvePoint point) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("percent", point.percent()).put("n_patients", point.patients());
    json.set("model_rmse_window", spread(point.model()));
    json.set("model_pearson", spread(point.pearson()));
    json.set("ridge_rmse_window", spread(point.ridge()));
    return json;
  }

  private static ObjectNode spread(Spread spread) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    JsonFigures.number(json, "mean", spread.mean());
    JsonFigures.number(json, "sd", spread.deviation());
    spread.values().forEach(json.putArray("seeds")::add);
    return json;
  }
}
