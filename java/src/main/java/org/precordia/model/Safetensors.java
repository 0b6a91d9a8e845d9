// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of named tensors in the safetensors format: a little-endian u64 length, a JSON header of
 * that length with type, shape and place of every tensor, then their bytes, side by side without
 * gaps. Read whole and checked whole.
 */
public final class Safetensors {
  private static final long MAX_HEADER = 100_000_000;

  /** The longest array that every Java virtual machine can make. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

  private static final String METADATA = "__metadata__";
  private static final Map<String, Integer> ELEMENT_BYTES =
      Map.ofEntries(
          Map.entry("BOOL", 1),
          Map.entry("U8", 1),
          Map.entry("I8", 1),
          Map.entry("I16", 2),
          Map.entry("U16", 2),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I32", 4),
          Map.entry("U32", 4),
          Map.entry("F32", 4),
          Map.entry("I64", 8),
          Map.entry("U64", 8),
          Map.entry("F64", 8));
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;
  private final ByteBuffer data;

  private record Entry(String name, String dtype, long[] shape, long begin, long end) {}

  private Safetensors(
      Path file, Map<String, Entry> entries, Map<String, String> metadata, ByteBuffer data) {
    this.file = file;
    this.entries = entries;
    this.metadata = metadata;
    this.data = data;
  }

  /**
   * Reads a file.
   *
   * @throws TensorFileException when it is missing, cut short, or not in the format
   */
  public static Safetensors read(Path file) throws IOException {
    return of(file, content(file));
  }

  /**
   * Parses the content of a file.
   *
   * @param file where it came from, for messages
   * @throws TensorFileException when it is cut short, or not in the format
   */
  public static Safetensors of(Path file, byte[] content) throws TensorFileException {
    return of(file, ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static Safetensors of(Path file, ByteBuffer content) throws TensorFileException {
    if (content.remaining() < Long.BYTES) {
      throw new TensorFileException(
          file, "is cut short: %d bytes, the header's length alone takes 8", content.remaining());
    }
    long length = content.getLong();
    if (length < 2 || length > MAX_HEADER) {
      throw new TensorFileException(file, "is not a safetensors file: header of %d bytes", length);
    }
    if (length > content.remaining()) {
      throw new TensorFileException(
          file,
          "is cut short: the header needs %d bytes, %d are there",
          length,
          content.remaining());
    }
    byte[] header = new byte[(int) length];
    content.get(header);
    ByteBuffer data = content.slice().order(ByteOrder.LITTLE_ENDIAN);
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    parse(file, header, entries, metadata);
    requireDense(file, entries, data.remaining());
    return new Safetensors(file, entries, metadata, data);
  }

  private static ByteBuffer content(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > MAX_BYTES) {
        throw new TensorFileException(file, "has %d bytes, too many for a model", channel.size());
      }
      ByteBuffer content = ByteBuffer.allocate((int) channel.size());
      while (content.hasRemaining() && channel.read(content) >= 0) {
        continue;
      }
      return content.flip().order(ByteOrder.LITTLE_ENDIAN);
    } catch (NoSuchFileException e) {
      throw new TensorFileException(file, "does not exist");
    }
  }

  private static void parse(
      Path file, byte[] header, Map<String, Entry> entries, Map<String, String> metadata)
      throws TensorFileException {
    JsonNode root;
    try {
      root = JSON.readTree(new String(header, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new TensorFileException(
          file, "has a header that is not JSON: %s", e.getOriginalMessage());
    }
    if (!root.isObject()) {
      throw new TensorFileException(file, "has a header that is no JSON object");
    }
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        for (Map.Entry<String, JsonNode> item : field.getValue().properties()) {
          metadata.put(item.getKey(), item.getValue().asText());
        }
      } else {
        entries.put(field.getKey(), entry(file, field.getKey(), field.getValue()));
      }
    }
  }

  private static Entry entry(Path file, String name, JsonNode node) throws TensorFileException {
    JsonNode offsets = node.path("data_offsets");
    JsonNode extents = node.path("shape");
    String dtype = node.path("dtype").asText();
    Integer bytes = ELEMENT_BYTES.get(dtype);
    if (bytes == null) {
      throw new TensorFileException(file, "tensor %s has the unknown type '%s'", name, dtype);
    }
    if (!extents.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw new TensorFileException(file, "tensor %s has no shape or no data_offsets", name);
    }
    long[] shape = new long[extents.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = integer(extents.get(i));
    }
    long begin = integer(offsets.get(0));
    long end = integer(offsets.get(1));
    if (begin < 0 || end < begin) {
      throw new TensorFileException(file, "tensor %s lies at [%d, %d)", name, begin, end);
    }
    if (size(shape, bytes) != end - begin) {
      throw new TensorFileException(
          file,
          "tensor %s of shape %s and type %s takes %d bytes",
          name,
          Arrays.toString(shape),
          dtype,
          end - begin);
    }
    return new Entry(name, dtype, shape, begin, end);
  }

  /** A whole number, -1 where there is none that counts something. */
  private static long integer(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() ? Math.max(-1, node.asLong()) : -1;
  }

  /** Bytes of a tensor, -1 when they are more than can be counted or an extent is negative. */
  private static long size(long[] shape, long elementBytes) {
    if (Arrays.stream(shape).anyMatch(extent -> extent < 0)) {
      return -1;
    }
    try {
      return Arrays.stream(shape).reduce(elementBytes, Math::multiplyExact);
    } catch (ArithmeticException e) {
      return -1;
    }
  }

  private static void requireDense(Path file, Map<String, Entry> entries, long bytes)
      throws TensorFileException {
    List<Entry> ordered = new ArrayList<>(entries.values());
    ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long position = 0;
    for (Entry entry : ordered) {
      if (entry.end > bytes) {
        throw new TensorFileException(
            file,
            "is cut short: tensor %s ends at byte %d of the data, %d are there",
            entry.name,
            entry.end,
            bytes);
      }
      if (entry.begin != position) {
        throw new TensorFileException(
            file,
            entry.begin < position
                ? "tensor %s overlaps the one before it (byte %d)"
                : "there is a gap before tensor %s (byte %d)",
            entry.name,
            entry.begin);
      }
      position = entry.end;
    }
    if (position != bytes) {
      throw new TensorFileException(file, "has %d bytes after its last tensor", bytes - position);
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** Names of all tensors, in the header's order. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /** Whether there is a tensor of a name. */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /** Text that goes with the tensors. */
  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  /**
   * Checks that there is an fp32 tensor of a known shape.
   *
   * @throws TensorFileException when it is missing, or has another type or shape
   */
  void requireFloats(String name, long... shape) throws TensorFileException {
    bytes(name, "F32", shape);
  }

  /**
   * An fp32 tensor of a known shape.
   *
   * @throws TensorFileException when it is missing, or has another type or shape
   */
  public float[] floats(String name, long... shape) throws TensorFileException {
    ByteBuffer bytes = bytes(name, "F32", shape);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  /**
   * A tensor of bytes.
   *
   * @throws TensorFileException when it is missing, or has another type or size
   */
  public byte[] bytes(String name, long count) throws TensorFileException {
    byte[] values = new byte[Math.toIntExact(count)];
    bytes(name, "U8", count).get(values);
    return values;
  }

  private ByteBuffer bytes(String name, String dtype, long... shape) throws TensorFileException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new TensorFileException(file, "has no tensor %s, which this network needs", name);
    }
    if (!entry.dtype.equals(dtype) || !Arrays.equals(entry.shape, shape)) {
      throw new TensorFileException(
          file,
          "tensor %s is %s %s, this network needs %s %s",
          name,
          entry.dtype,
          Arrays.toString(entry.shape),
          dtype,
          Arrays.toString(shape));
    }
    return data.slice((int) entry.begin, (int) (entry.end - entry.begin))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
