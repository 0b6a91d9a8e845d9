// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.precordia.data.Lead;
import org.precordia.eval.clinical.Measure;
import org.precordia.eval.embedding.EmbeddingResult;
import org.precordia.eval.interpretation.Interpretation;

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
 * @param groups the same rows by superclass, sex and age band
 * @param records the rows record by record, in the order of the shard
 * @param clinical the rows' clinical measures
 * @param diagnosis what a classifier makes of the leads; null without one
 * @param provenance date, commit, configuration hash and the like, as text by name
 * @param embedding what the model's embedding holds; empty without a pathology branch
 * @param interpretations what single records' reconstructions depended on, where it was asked
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
    List<GroupResult> groups,
    List<RecordResult> records,
    ClinicalResult clinical,
    DiagnosisResult diagnosis,
    Map<String, String> provenance,
    Optional<EmbeddingResult> embedding,
    List<Interpretation> interpretations) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public Evaluation {
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
    rows = List.copyOf(rows);
    groups = List.copyOf(groups);
    records = List.copyOf(records);
    provenance = Map.copyOf(provenance);
    interpretations = List.copyOf(interpretations);
  }

  /** The same with what the model's embedding holds. */
  public Evaluation withEmbedding(Optional<EmbeddingResult> result) {
    return with(result, interpretations);
  }

  /** The same with what single records' reconstructions depended on. */
  public Evaluation withInterpretations(List<Interpretation> results) {
    return with(embedding, results);
  }

  private Evaluation with(Optional<EmbeddingResult> ofEmbedding, List<Interpretation> ofRecords) {
    return new Evaluation(
        dataset,
        fold,
        patients,
        windows,
        excluded,
        inputs,
        targets,
        preprocessing,
        rate,
        window,
        rows,
        groups,
        records,
        clinical,
        diagnosis,
        provenance,
        ofEmbedding,
        ofRecords);
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

  /** The groups of a kind. */
  public List<GroupResult> groups(GroupKind kind) {
    return groups.stream().filter(group -> group.kind() == kind).toList();
  }

  /**
   * The model, or the last row, held against every other one on means of patients; one family for
   * Holm's correction.
   */
  public List<PairedTest> tests() {
    String row =
        rows.stream()
            .map(RowResult::name)
            .filter(EvaluationRow.MODEL::equals)
            .findFirst()
            .orElse(rows.getLast().name());
    List<PairedTest.Pairing> pairings = new ArrayList<>();
    for (RowResult other : rows) {
      if (!other.name().equals(row)) {
        for (Metric metric : List.of(Metric.RMSE_WINDOW, Metric.PEARSON)) {
          pairings.add(
              new PairedTest.Pairing(
                  row,
                  other.name(),
                  metric,
                  PatientMeans.of(records, row, metric),
                  PatientMeans.of(records, other.name(), metric)));
        }
      }
    }
    return PairedTest.family(pairings);
  }

  /** The evaluation as JSON; figures that are not defined are null. The format is add-only. */
  public ObjectNode toJson() {
    ObjectNode json = summaryJson();
    ArrayNode array = json.putArray("records");
    records.forEach(record -> array.add(toJson(record)));
    return json;
  }

  /** The same without the figures of single records. */
  public ObjectNode summaryJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("dataset", dataset).put("fold", fold).put("unit", "mV");
    json.put("n_patients", patients).put("n_windows", windows).put("n_excluded", excluded);
    addLabels(json.putArray("inputs"), inputs);
    addLabels(json.putArray("targets"), targets);
    json.put("preprocessing", preprocessing).put("rate_hz", rate).put("window_samples", window);
    ArrayNode array = json.putArray("rows");
    rows.forEach(row -> array.add(toJson(row)));
    ArrayNode classes = json.putArray("superclasses");
    groups(GroupKind.SUPERCLASS).forEach(group -> classes.add(toJson(group)));
    ArrayNode others = json.putArray("groups");
    groups.stream()
        .filter(group -> group.kind() != GroupKind.SUPERCLASS)
        .forEach(group -> others.add(toJson(group).put("kind", group.kind().key())));
    ArrayNode comparisons = json.putArray("tests");
    tests().forEach(test -> comparisons.add(toJson(test)));
    ClinicalJson.putAgreements(
        json.putObject("r_peak_amplitude"), clinical.model().measures().get(Measure.R_AMPLITUDE));
    ClinicalJson.put(json.putObject("clinical"), clinical);
    if (diagnosis != null) {
      json.set("diagnosis", DiagnosisJson.of(diagnosis));
    }
    embedding.ifPresent(result -> json.set("embedding", result.toJson()));
    if (!interpretations.isEmpty()) {
      ArrayNode interpreted = json.putArray("interpretation");
      interpretations.forEach(one -> interpreted.add(one.toJson()));
    }
    ObjectNode source = json.putObject("provenance");
    provenance.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> source.put(entry.getKey(), entry.getValue()));
    return json;
  }

  private static void addLabels(ArrayNode array, List<Lead> leads) {
    leads.forEach(lead -> array.add(lead.label()));
  }

  private static ObjectNode toJson(GroupResult group) {
    ObjectNode json = JSON.createObjectNode().put("name", group.name());
    json.put("n_patients", group.patients()).put("n_windows", group.windows());
    ArrayNode groupRows = json.putArray("rows");
    group.rows().forEach(row -> groupRows.add(toJson(row)));
    return json;
  }

  private static ObjectNode toJson(PairedTest test) {
    ObjectNode json = JSON.createObjectNode().put("row", test.row()).put("against", test.against());
    json.put("metric", test.metric().key()).put("n_patients", test.patients());
    JsonFigures.number(json, "median_difference", test.difference());
    JsonFigures.number(json, "p", test.p());
    JsonFigures.number(json, "p_holm", test.holm());
    return json;
  }

  private static ObjectNode toJson(RecordResult record) {
    ObjectNode json = JSON.createObjectNode().put("id", record.id());
    json.put("patient", record.patient()).put("n_windows", record.windows());
    ArrayNode classes = json.putArray("superclasses");
    record.superclasses().forEach(classes::add);
    ObjectNode rows = json.putObject("rows");
    record
        .rows()
        .forEach(
            (name, scores) -> {
              ObjectNode row = rows.putObject(name);
              JsonFigures.number(row, Metric.RMSE_WINDOW.key(), scores.rmse());
              JsonFigures.number(row, Metric.PEARSON.key(), scores.pearson());
              ObjectNode leads = row.putObject("leads");
              scores.leads().forEach((lead, rmse) -> JsonFigures.number(leads, lead.label(), rmse));
            });
    return json;
  }

  private static ObjectNode toJson(RowResult row) {
    ObjectNode json = JSON.createObjectNode();
    json.put("name", row.name()).put("parameters", row.parameters());
    json.set("mean", toJson(row.mean()));
    ObjectNode leads = json.putObject("leads");
    row.leads().forEach((lead, figures) -> leads.set(lead.label(), toJson(figures)));
    putComparison(json, "against_ridge", row.againstRidge());
    putComparison(json, "against_no_h", row.againstNoH());
    return json;
  }

  private static void putComparison(ObjectNode json, String key, RowResult.Comparison comparison) {
    if (comparison != null) {
      ObjectNode against = json.putObject(key);
      JsonFigures.number(against, "rmse_window_percent", comparison.rmsePercent());
      JsonFigures.interval(against, "rmse_window_percent_ci", comparison.rmseInterval());
      JsonFigures.number(against, "pearson_difference", comparison.pearson());
      JsonFigures.interval(against, "pearson_difference_ci", comparison.pearsonInterval());
    }
  }

  private static ObjectNode toJson(RowResult.Figures figures) {
    ObjectNode json = JSON.createObjectNode();
    figures.values().forEach((metric, value) -> JsonFigures.number(json, metric.key(), value));
    JsonFigures.number(json, "pearson_p5", figures.pearson5());
    json.put("n_windows", figures.windows()).put("n_flat", figures.flatWindows());
    ObjectNode intervals = json.putObject("ci");
    figures
        .intervals()
        .forEach((metric, interval) -> JsonFigures.interval(intervals, metric.key(), interval));
    return json;
  }
}
