// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;

/** What a shard says of where its data come from. */
final class ShardProvenance {
  private static final JsonMapper JSON = new JsonMapper();

  private ShardProvenance() {}

  /**
   * Takes the JSON text apart.
   *
   * @throws DataException when it is none, or no object
   */
  static Map<String, Object> parse(Path file, String text) throws DataException {
    try {
      Map<String, Object> fields =
          JSON.readValue(text, new TypeReference<Map<String, Object>>() {});
      if (fields != null) {
        return Collections.unmodifiableMap(fields);
      }
    } catch (JsonProcessingException e) {
      throw new DataException(
          file,
          0,
          "its provenance is not JSON: " + e.getOriginalMessage(),
          "write it again with precordia prepare",
          e);
    }
    throw new DataException(
        file, "its provenance is empty", "write it again with precordia prepare");
  }
}
