// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** {@code evaluations.jsonl}: every look at a fold is kept, and counted. */
final class StudyLog {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FOLD = "fold";

  private StudyLog() {}

  /**
   * Notes an evaluation.
   *
   * @return how often the fold has been looked at, this time included
   */
  static int append(Study study, String fold, List<RowSummary> rows, Map<String, String> provenance)
      throws IOException {
    ObjectNode line = JSON.createObjectNode().put(FOLD, fold);
    provenance.forEach(line::put);
    ArrayNode array = line.putArray("rows");
    for (RowSummary row : rows) {
      ObjectNode one = array.addObject().put("name", row.name());
      one.put("rmse_window", row.rmse());
      row.seeds().forEach(one.putArray("seeds")::add);
    }
    Path file = study.folder().resolve("evaluations.jsonl");
    Files.writeString(
        file,
        line + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND,
        StandardOpenOption.SYNC);
    int looks = 0;
    for (String written : Files.readAllLines(file)) {
      looks += isOf(fold, written) ? 1 : 0;
    }
    return looks;
  }

  private static boolean isOf(String fold, String line) {
    try {
      return JSON.readTree(line).path(FOLD).asText().equals(fold);
    } catch (JsonProcessingException cut) {
      return false;
    }
  }
}
