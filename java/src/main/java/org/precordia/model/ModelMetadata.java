// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.precordia.data.Lead;
import org.precordia.signal.Preprocessing;

/**
 * Everything about a trained network that is not a parameter.
 *
 * @param network shape, leads and label vocabulary
 * @param rate sampling rate in Hz
 * @param preprocessing what was done to the signals before they became windows
 * @param standardisation how inputs in mV become what the network sees
 * @param recipe the recipe it was trained by, as JSON
 * @param provenance what it was trained on, as JSON
 * @param version version of the program that trained it
 */
public record ModelMetadata(
    NetworkConfig network,
    double rate,
    Preprocessing preprocessing,
    Standardisation standardisation,
    String recipe,
    String provenance,
    String version) {

  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  public ModelMetadata {
    if (!(rate > 0)) {
      throw new IllegalArgumentException("sampling rate must be positive, was " + rate);
    }
    if (standardisation.mean().size() != network.inputs().size()) {
      throw new IllegalArgumentException(
          "statistics of %d leads for %d inputs"
              .formatted(standardisation.mean().size(), network.inputs().size()));
    }
  }

  /** The same metadata of another network. */
  public ModelMetadata withNetwork(NetworkConfig other) {
    return new ModelMetadata(
        other, rate, preprocessing, standardisation, recipe, provenance, version);
  }

  /** The metadata as JSON text. */
  public String toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("version", version);
    root.put("width", network.width());
    names(root.putArray("inputs"), network.inputs());
    names(root.putArray("targets"), network.targets());
    root.put("rate", rate);
    root.put("window", network.window());
    root.put("embedding", network.embedding());
    // What files of the model itself do not say: they are those of the versions that knew no other.
    if (network.architecture() != Architecture.DILATED) {
      root.put("architecture", network.architecture().id());
    }
    root.put("pathology", network.pathology());
    if (network.conditioning() == Conditioning.AMPLITUDE) {
      root.put("conditioning", network.conditioning().id());
    }
    root.put("anchor", network.anchor());
    root.put("preprocessing", preprocessing.id());
    root.put("preprocessing_description", preprocessing.description());
    root.put("normalisation", standardisation.mode().name().toLowerCase(Locale.ROOT));
    numbers(root.putArray("mean"), standardisation.mean());
    numbers(root.putArray("deviation"), standardisation.deviation());
    numbers(root.putArray("limit"), standardisation.limit());
    ArrayNode labels = root.putArray("labels");
    network.labels().forEach(labels::add);
    try {
      root.set("recipe", JSON.readTree(recipe));
      root.set("provenance", JSON.readTree(provenance));
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("recipe or provenance is not JSON", e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException when a field is missing or makes no sense; the message names
   *     it
   */
  public static ModelMetadata ofJson(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the metadata are not JSON: " + e.getOriginalMessage(), e);
    }
    int format = field(root, "format").asInt();
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "the metadata have format %d, this program reads format %d".formatted(format, FORMAT));
    }
    NetworkConfig network =
        new NetworkConfig(
            field(root, "width").asInt(),
            leads(root, "inputs"),
            leads(root, "targets"),
            field(root, "window").asInt(),
            field(root, "embedding").asInt(),
            texts(root, "labels"),
            Architecture.of(root.path("architecture").asText(Architecture.DILATED.id())),
            conditioning(root),
            field(root, "anchor").asBoolean());
    Standardisation standardisation =
        new Standardisation(
            mode(field(root, "normalisation").asText()),
            numbers(root, "mean"),
            numbers(root, "deviation"),
            numbers(root, "limit"));
    return new ModelMetadata(
        network,
        field(root, "rate").asDouble(),
        Preprocessing.of(field(root, "preprocessing").asText()),
        standardisation,
        field(root, "recipe").toString(),
        field(root, "provenance").toString(),
        field(root, "version").asText());
  }

  private static Conditioning conditioning(JsonNode root) {
    boolean pathology = field(root, "pathology").asBoolean();
    JsonNode named = root.get("conditioning");
    if (named == null) {
      return pathology ? Conditioning.EMBEDDING : Conditioning.NONE;
    }
    if (pathology || !named.asText().equals(Conditioning.AMPLITUDE.id())) {
      throw new IllegalArgumentException(
          "the metadata's 'conditioning' can only be amplitude, without pathology, and is "
              + named.asText());
    }
    return Conditioning.AMPLITUDE;
  }

  private static Standardisation.Mode mode(String id) {
    for (Standardisation.Mode mode : Standardisation.Mode.values()) {
      if (mode.name().equalsIgnoreCase(id)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("the metadata name an unknown normalisation: " + id);
  }

  private static JsonNode field(JsonNode root, String name) {
    JsonNode node = root.get(name);
    if (node == null) {
      throw new IllegalArgumentException("the metadata have no field '" + name + "'");
    }
    return node;
  }

  private static List<Lead> leads(JsonNode root, String name) {
    return texts(root, name).stream()
        .map(
            text ->
                Lead.parse(text)
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "the metadata's '" + name + "' name an unknown lead: " + text)))
        .toList();
  }

  private static List<String> texts(JsonNode root, String name) {
    List<String> texts = new ArrayList<>();
    field(root, name).forEach(node -> texts.add(node.asText()));
    return texts;
  }

  private static List<Float> numbers(JsonNode root, String name) {
    List<Float> numbers = new ArrayList<>();
    field(root, name).forEach(node -> numbers.add((float) node.asDouble()));
    return numbers;
  }

  private static void numbers(ArrayNode array, List<Float> values) {
    values.forEach(array::add);
  }

  private static void names(ArrayNode array, List<Lead> leads) {
    leads.forEach(lead -> array.add(lead.label()));
  }
}
