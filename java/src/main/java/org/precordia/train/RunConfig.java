// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.precordia.data.Shard;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;

/**
 * What a run is: recipe, options and data. Two runs of one configuration give the same model, bit
 * for bit, on one build and kind of device.
 *
 * @param recipe how it is trained
 * @param options what is trained
 * @param data where the data set lies
 * @param fingerprint content of the shard
 */
record RunConfig(Recipe recipe, TrainingOptions options, String data, String fingerprint) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static RunConfig of(Recipe recipe, TrainingOptions options, Shard shard) {
    // What the order is decides the result: a run goes on in it, on whatever machine.
    return new RunConfig(
        recipe,
        options.withOrder(options.order().on(shard)),
        shard.file().toAbsolutePath().toString(),
        shard.fingerprint());
  }

  String toJson() {
    return JSON.valueToTree(this).toPrettyString();
  }

  /** What {@link #toJson} gave, in UTF-8. */
  static RunConfig ofJson(byte[] json) {
    try {
      return ofJson(JSON.readTree(json));
    } catch (IOException e) {
      throw new IllegalStateException("a configuration is JSON", e);
    }
  }

  static RunConfig ofJson(JsonNode json) {
    JsonNode known = json.deepCopy();
    if (known.get("options") instanceof ObjectNode options && options.has("pathology")) {
      // Written by a version that knew the model alone, with or without its pathology branch.
      boolean pathology = options.remove("pathology").asBoolean();
      options.put("architecture", Architecture.DILATED.name());
      options.put("conditioning", (pathology ? Conditioning.EMBEDDING : Conditioning.NONE).name());
    }
    try {
      return JSON.treeToValue(known, RunConfig.class);
    } catch (JsonProcessingException e) {
      throw new TrainingException(
          "the run's config.json cannot be read: %s", e.getOriginalMessage());
    }
  }

  /** What decides the result; where the shard lies, and how often to save, do not. */
  private ObjectNode decisive() {
    ObjectNode json = JSON.valueToTree(this);
    json.remove("data");
    json.set("options", decisive((ObjectNode) json.get("options")));
    for (JsonNode stage : json.path("recipe").path("stages")) {
      if (!stage.path("afresh").asBoolean()) {
        ((ObjectNode) stage).remove("afresh");
      }
    }
    return json;
  }

  /** The first value in which another configuration differs, in words. */
  Optional<String> difference(RunConfig other) {
    return difference("", decisive(), other.decisive());
  }

  private static Optional<String> difference(String path, JsonNode there, JsonNode here) {
    if (there.isObject() && here.isObject() || there.isArray() && here.size() == there.size()) {
      for (String name : names(there)) {
        Optional<String> found =
            difference(path + name + ".", child(there, name), child(here, name));
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }
    return there.equals(here)
        ? Optional.empty()
        : Optional.of(
            "%s is %s there and %s here"
                .formatted(path.substring(0, path.length() - 1), there, here));
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      names.add(Integer.toString(i));
    }
    return names;
  }

  private static JsonNode child(JsonNode node, String name) {
    return node.isArray() ? node.path(Integer.parseInt(name)) : node.path(name);
  }

  /** Names {@link #decisive}. */
  String hash() {
    ObjectNode json = decisive();
    try {
      byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * The options that decide the result. What versions that knew the model alone could say is said
   * in their words, so that their checkpoints fit still.
   */
  private ObjectNode decisive(ObjectNode all) {
    boolean old =
        options.architecture() == Architecture.DILATED
            && options.conditioning() != Conditioning.AMPLITUDE;
    ObjectNode decisive = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> field : all.properties()) {
      switch (field.getKey()) {
        case "checkpointEvery" -> {}
        case "patients" -> {
          if (options.patients() < 1) {
            decisive.set("patients", field.getValue());
          }
        }
        case "architecture" -> {
          if (!old) {
            decisive.set("architecture", field.getValue());
          }
        }
        case "conditioning" -> {
          if (old) {
            decisive.put("pathology", options.hasPathology());
          } else {
            decisive.set("conditioning", field.getValue());
          }
        }
        default -> decisive.set(field.getKey(), field.getValue());
      }
    }
    return decisive;
  }
}
