// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a data set in several files consists of: {@value #NAME} in their folder, written last.
 *
 * @param parts the files in order
 * @param provenance where the data come from, as JSON text
 */
record Manifest(List<Part> parts, String provenance) {
  static final String NAME = "manifest.json";

  private static final String FORMAT = "precordia-data";
  private static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREPARE =
      "copy the whole folder again, or write it again with precordia prepare";

  /**
   * One file.
   *
   * @param file its name
   * @param records records in it
   * @param bytes its length
   * @param fingerprint checksums of its samples and index
   */
  record Part(String file, int records, long bytes, String fingerprint) {}

  Manifest {
    parts = List.copyOf(parts);
  }

  /** Name of a part's file. */
  static String partName(int part) {
    return "part-%05d.shard".formatted(part);
  }

  /** That of the only part, or checksums of all parts' in their order. */
  static String fingerprint(List<String> parts) {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    CRC32C samples = new CRC32C();
    CRC32C index = new CRC32C();
    for (String part : parts) {
      samples.update(word(part, 0));
      index.update(word(part, 2 * Integer.BYTES));
    }
    return String.format("%08x%08x", samples.getValue(), index.getValue());
  }

  private static ByteBuffer word(String fingerprint, int from) {
    int value = Integer.parseUnsignedInt(fingerprint.substring(from, from + 8), 16);
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).flip();
  }

  /** As JSON text. */
  String encode() {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT).put("version", VERSION);
    root.put("records", parts.stream().mapToLong(Part::records).sum());
    root.put("fingerprint", fingerprint(parts.stream().map(Part::fingerprint).toList()));
    root.set("parts", JSON.valueToTree(parts));
    try {
      root.set("provenance", JSON.readTree(provenance));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("provenance is not JSON", e);
    }
    return root.toPrettyString() + "\n";
  }

  /**
   * Reads the manifest of a folder.
   *
   * @throws DataException when there is none, or it makes no sense
   */
  static Manifest read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new DataException(
          folder,
          0,
          "is a folder without " + NAME + ", so it holds no whole data set",
          PREPARE + " --out DIR --shard-size SIZE",
          e);
    } catch (JsonProcessingException e) {
      throw damaged(file, "is not JSON (" + e.getOriginalMessage() + ")", e);
    }
    if (!root.path("format").asText().equals(FORMAT)) {
      throw damaged(file, "does not describe a Precordia data set", null);
    }
    if (root.path("version").asInt() != VERSION) {
      throw damaged(
          file,
          "is of version %s, this program reads version %d"
              .formatted(root.path("version").asText(), VERSION),
          null);
    }
    List<Part> parts = new ArrayList<>();
    for (JsonNode node : root.path("parts")) {
      parts.add(part(file, parts.size(), node));
    }
    Manifest manifest = new Manifest(parts, root.path("provenance").toPrettyString());
    List<String> fingerprints = parts.stream().map(Part::fingerprint).toList();
    if (parts.isEmpty() || !root.path("fingerprint").asText().equals(fingerprint(fingerprints))) {
      throw damaged(file, "lists other parts than its fingerprint was made from", null);
    }
    return manifest;
  }

  private static Part part(Path file, int number, JsonNode node) throws DataException {
    Part part =
        new Part(
            node.path("file").asText(),
            node.path("records").asInt(-1),
            node.path("bytes").asLong(-1),
            node.path("fingerprint").asText());
    boolean sensible =
        part.file.equals(partName(number))
            && part.records >= 0
            && part.bytes >= ShardHeader.BYTES
            && part.fingerprint.matches("[0-9a-f]{16}");
    if (!sensible) {
      throw damaged(file, "makes no sense at part " + number + " (" + node + ")", null);
    }
    return part;
  }

  private static DataException damaged(Path file, String problem, Throwable cause) {
    return new DataException(file, 0, problem, PREPARE, cause);
  }

  /**
   * Opens a part and compares it with what stands here.
   *
   * @throws DataException when it is missing, cut short, damaged or another file
   */
  ShardPart open(Path folder, int number, Arena arena) throws IOException {
    Part expected = parts.get(number);
    Path file = folder.resolve(expected.file);
    ShardPart part;
    try {
      long bytes = Files.size(file);
      if (bytes != expected.bytes) {
        throw new DataException(
            file, "has %d bytes instead of %d".formatted(bytes, expected.bytes), PREPARE);
      }
      part = ShardPart.open(file, arena);
    } catch (NoSuchFileException e) {
      throw new DataException(
          file, 0, "is missing, part %d of %d".formatted(number + 1, parts.size()), PREPARE, e);
    }
    if (!part.fingerprint().equals(expected.fingerprint)
        || part.header().records() != expected.records) {
      throw new DataException(
          file,
          "is another file than the one that %s names (content %s instead of %s)"
              .formatted(NAME, part.fingerprint(), expected.fingerprint),
          PREPARE);
    }
    return part;
  }
}
