// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.embedding;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.precordia.eval.JsonFigures;

/**
 * What the embedding of a pathology branch holds and what it has lost (docs/evaluation.md).
 *
 * @param galleryRecords records of folds 1–8 that others are held against
 * @param queryRecords records of the fold that is evaluated
 * @param queryPatients their patients
 * @param neighbours superclasses from the nearest records, by what describes a record: {@code h},
 *     then {@code log-RMS}; empty without a gallery
 * @param gaps of cosine among the queries, by {@code h superclass} and so on
 * @param bounds of mutual information, a label each, of the queries
 * @param identity how well patients can be told apart, by what describes a record
 * @param map the first two principal components of h
 * @param classMeans mean h of the gallery's records of one superclass alone
 */
public record EmbeddingResult(
    int galleryRecords,
    int queryRecords,
    int queryPatients,
    Map<String, SuperclassNeighbours> neighbours,
    Map<String, CosineGap> gaps,
    List<InformationBound> bounds,
    Map<String, IdentityProbe> identity,
    EmbeddingMap map,
    List<ClassMean> classMeans) {
  /** The embedding, in the tables. */
  public static final String H = "h";

  /** The logarithms of the input leads' RMS. */
  public static final String LOG_RMS = "log-RMS";

  /** The mean beat of the input leads. */
  public static final String INPUT_BEAT = "input beat";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Mean h of the records of a superclass.
   *
   * @param superclass its name
   * @param records how many
   * @param h the mean [C]
   */
  public record ClassMean(String superclass, int records, float[] h) {}

  public EmbeddingResult {
    bounds = List.copyOf(bounds);
    classMeans = List.copyOf(classMeans);
  }

  /** The measures as JSON, without the map's points. */
  public ObjectNode toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("n_gallery_records", galleryRecords);
    json.put("n_query_records", queryRecords).put("n_query_patients", queryPatients);
    ObjectNode knn = json.putObject("knn5_balanced_accuracy");
    neighbours.forEach(
        (name, score) -> {
          JsonFigures.number(knn, name, score.accuracy());
          JsonFigures.interval(knn, name + "_ci", score.interval());
          JsonFigures.number(knn, "chance", 1.0 / score.classes());
        });
    ObjectNode cosine = json.putObject("cosine_gap");
    gaps.forEach(
        (name, gap) -> {
          ObjectNode one = cosine.putObject(name);
          JsonFigures.number(one, "positive", gap.positive());
          JsonFigures.number(one, "negative", gap.negative());
          JsonFigures.number(one, "gap", gap.gap());
          one.put("n_positive", gap.positives()).put("n_negative", gap.negatives());
        });
    ArrayNode information = json.putArray("mutual_information_nats");
    for (InformationBound bound : bounds) {
      ObjectNode one = information.addObject().put("label", bound.label());
      one.put("n_positive", bound.positives());
      JsonFigures.number(one, "bound", bound.bound());
      JsonFigures.interval(one, "ci", bound.interval());
      JsonFigures.number(one, "entropy", bound.entropy());
    }
    ObjectNode probes = json.putObject("patient_identity");
    identity.forEach((name, probe) -> probes.set(name, toJson(probe)));
    ArrayNode explained = json.putArray("pca_explained");
    explained.add(map.explained()[0]).add(map.explained()[1]);
    return json;
  }

  private static ObjectNode toJson(IdentityProbe probe) {
    ObjectNode json = JSON.createObjectNode();
    json.put("n_patients", probe.patients()).put("n_records", probe.records());
    JsonFigures.number(json, "top1", probe.top1());
    JsonFigures.interval(json, "top1_ci", probe.top1Interval());
    JsonFigures.number(json, "top1_chance", probe.chance());
    JsonFigures.number(json, "auc", probe.auc());
    JsonFigures.interval(json, "auc_ci", probe.aucInterval());
    JsonFigures.number(json, "auc_same_superclasses", probe.aucWithin());
    JsonFigures.interval(json, "auc_same_superclasses_ci", probe.aucWithinInterval());
    return json;
  }
}
