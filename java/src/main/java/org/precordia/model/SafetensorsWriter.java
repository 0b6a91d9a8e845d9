// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.data.AtomicFile;

/** Collects named tensors and writes them as one safetensors file, whole or not at all. */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;

  private final ObjectNode header = new ObjectMapper().createObjectNode();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<ByteBuffer> data = new ArrayList<>();
  private long position;

  /** Adds text that goes with the tensors. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Adds an fp32 tensor: {@code values} from {@code begin} on, as many as the shape has. */
  public SafetensorsWriter add(String name, float[] values, int begin, long... shape) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values, begin, count);
    return add(name, "F32", bytes, shape);
  }

  /** Adds a tensor of bytes. */
  public SafetensorsWriter add(String name, byte[] values) {
    return add(name, "U8", ByteBuffer.wrap(values), values.length);
  }

  private SafetensorsWriter add(String name, String dtype, ByteBuffer bytes, long... shape) {
    ObjectNode entry = header.putObject(name);
    entry.put("dtype", dtype);
    var extents = entry.putArray("shape");
    for (long extent : shape) {
      extents.add(extent);
    }
    entry.putArray("data_offsets").add(position).add(position + bytes.remaining());
    position += bytes.remaining();
    data.add(bytes);
    return this;
  }

  /**
   * Writes the file.
   *
   * @throws IOException when there is no space or no permission; an older file is then as it was
   */
  public void write(Path file) throws IOException {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ObjectNode texts = root.putObject("__metadata__");
    metadata.forEach(texts::put);
    root.setAll(header);
    byte[] json = new ObjectMapper().writeValueAsBytes(root);
    int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    try (AtomicFile out = AtomicFile.create(file)) {
      out.write(head.flip());
      for (ByteBuffer bytes : data) {
        out.write(bytes.duplicate());
      }
      out.commit();
    }
  }
}
