// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.precordia.data.Lead;

/**
 * An evaluation table with everything a reader needs to judge it.
 *
 * @param dataset name of the data set
 * @param fold fold that was evaluated, or {@code all}
 * @param patients number of patients
 * @param windows number of windows in the figures
 * @param excluded windows left out because an input or a target was invalid or flat
 * @param inputs input leads
 * @param targets target leads
 * @param preprocessing preset of the shard
 * @param rate sampling rate in Hz
 * @param window samples of a window
 * @param rows the rows, in order
 * @param provenance date, commit, configuration hash and the like, as text by name
 */
public record Evaluation(
    String dataset,
    String fold,
    int patients,
    int windows,
    int excluded,
    List<Lead> inputs,
    List<Lead> targets,
    String preprocessing,
    double rate,
    int window,
    List<RowResult> rows,
    Map<String, String> provenance) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public Evaluation {
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
    rows = List.copyOf(rows);
    provenance = Map.copyOf(provenance);
  }

  /**
   * The row of this name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public RowResult row(String name) {
    return rows.stream()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the evaluation has no row " + name));
  }

  /** The evaluation as JSON; figures that are not defined are null. The format is add-only. */
  public ObjectNode toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("dataset", dataset).put("fold", fold).put("unit", "mV");
    json.put("n_patients", patients).put("n_windows", windows).put("n_excluded", excluded);
    addLabels(json.putArray("inputs"), inputs);
    addLabels(json.putArray("targets"), targets);
    json.put("preprocessing", preprocessing).put("rate_hz", rate).put("window_samples", window);
    ArrayNode array = json.putArray("rows");
    rows.forEach(row -> array.add(toJson(row)));
    ObjectNode source = json.putObject("provenance");
    provenance.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> source.put(entry.getKey(), entry.getValue()));
    return json;
  }

  private static void addLabels(ArrayNode array, List<Lead> leads) {
    leads.forEach(lead -> array.add(lead.label()));
  }

  private static ObjectNode toJson(RowResult row) {
    ObjectNode json = JSON.createObjectNode();
    json.put("name", row.name()).put("parameters", row.parameters());
    json.set("mean", toJson(row.mean()));
    ObjectNode leads = json.putObject("leads");
    row.leads().forEach((lead, figures) -> leads.set(lead.label(), toJson(figures)));
    RowResult.Comparison comparison = row.againstRidge();
    if (comparison != null) {
      ObjectNode against = json.putObject("against_ridge");
      putNumber(against, "rmse_window_percent", comparison.rmsePercent());
      putInterval(against, "rmse_window_percent_ci", comparison.rmseInterval());
      putNumber(against, "pearson_difference", comparison.pearson());
      putInterval(against, "pearson_difference_ci", comparison.pearsonInterval());
    }
    return json;
  }

  private static ObjectNode toJson(RowResult.Figures figures) {
    ObjectNode json = JSON.createObjectNode();
    figures.values().forEach((metric, value) -> putNumber(json, metric.key(), value));
    putNumber(json, "pearson_p5", figures.pearson5());
    json.put("n_windows", figures.windows()).put("n_flat", figures.flatWindows());
    ObjectNode intervals = json.putObject("ci");
    figures
        .intervals()
        .forEach((metric, interval) -> putInterval(intervals, metric.key(), interval));
    return json;
  }

  private static void putNumber(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }

  private static void putInterval(ObjectNode json, String key, Interval interval) {
    if (interval == null) {
      json.putNull(key);
    } else {
      json.putArray(key).add(interval.low()).add(interval.high());
    }
  }
}
