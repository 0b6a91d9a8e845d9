// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.precordia.data.AtomicFile;
import org.precordia.data.DataException;

/**
 * A file of benchmark results: JSON Lines as bench/results/schema.json describes them. Lines of
 * kinds that are no measurement and no environment are not read.
 *
 * @param environments machine and build; each holds for the measurements that follow it
 * @param measurements in the order of the file
 */
public record ResultFile(List<ObjectNode> environments, List<Measurement> measurements) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  public ResultFile {
    environments = List.copyOf(environments);
    measurements = List.copyOf(measurements);
  }

  /** Results of one environment. */
  public static ResultFile of(Environment environment, List<Measurement> measurements) {
    return new ResultFile(List.of(environment.json()), measurements);
  }

  /**
   * Reads a file.
   *
   * @throws DataException when a line is no JSON object or there is no measurement; it names the
   *     line
   */
  public static ResultFile read(Path file) throws IOException {
    List<ObjectNode> environments = new ArrayList<>();
    List<Measurement> measurements = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      ObjectNode line = parse(file, i + 1, lines.get(i));
      switch (line.path("record").asText()) {
        case "environment" -> environments.add(line);
        case "measurement" -> measurements.add(Measurement.read(line));
        default -> {}
      }
    }
    if (measurements.isEmpty()) {
      throw new DataException(
          file, 0, "holds no measurement", "name a file that precordia bench --out wrote");
    }
    return new ResultFile(environments, measurements);
  }

  private static ObjectNode parse(Path file, int number, String text) throws IOException {
    try {
      if (JSON.readTree(text) instanceof ObjectNode line) {
        return line;
      }
    } catch (JsonProcessingException e) {
      throw damaged(file, number, e);
    }
    throw damaged(file, number, null);
  }

  private static DataException damaged(Path file, int number, JsonProcessingException cause) {
    return new DataException(
        file,
        number,
        "is not a JSON object",
        "result files are JSON Lines (bench/results/schema.json)",
        cause);
  }

  /** Writes the file, whole or not at all. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, text());
  }

  /** The lines. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (JsonNode environment : environments) {
      text.append(environment).append('\n');
    }
    for (Measurement measurement : measurements) {
      text.append(measurement.json()).append('\n');
    }
    return text.toString();
  }
}
