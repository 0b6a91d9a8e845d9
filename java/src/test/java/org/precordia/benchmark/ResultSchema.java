// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The published schema of result files, as a judge of lines. */
final class ResultSchema {
  /** The folder with the schema and committed results. */
  static final Path FOLDER = Path.of("..", "bench", "results");

  private final Schema schema;

  ResultSchema() throws IOException {
    schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(FOLDER.resolve("schema.json")), InputFormat.JSON);
  }

  /** What the schema has against a line; empty when it is valid. */
  List<String> faults(String line) {
    return schema.validate(line, InputFormat.JSON).stream().map(Object::toString).toList();
  }

  /** Every line of a text must be valid. */
  void accepts(String lines) {
    lines.lines().forEach(line -> assertEquals(List.of(), faults(line), line));
  }
}
