// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tensors for the PyTorch peer's checks: one JSON manifest and raw little-endian files beside it.
 * The format is described in {@code bench/peers/pytorch/README.md}.
 */
final class Dump {
  private final Path manifest;
  private final ObjectNode root = new ObjectMapper().createObjectNode();
  private final ObjectNode tensors;
  private final ObjectNode attributes;

  /**
   * @param manifest the JSON file that {@link #write} makes
   */
  Dump(Path manifest) {
    this.manifest = manifest;
    root.put("format", "precordia-dump").put("version", 1);
    attributes = root.putObject("attributes");
    tensors = root.putObject("tensors");
  }

  Dump attribute(String name, double value) {
    attributes.put(name, value);
    return this;
  }

  Dump add(String name, float[] values, long... shape) throws IOException {
    ByteBuffer bytes = buffer(values.length, Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return add(name, "float32", bytes, shape);
  }

  Dump add(String name, int[] values, long... shape) throws IOException {
    ByteBuffer bytes = buffer(values.length, Integer.BYTES);
    bytes.asIntBuffer().put(values);
    return add(name, "int32", bytes, shape);
  }

  /** Adds 64-bit masks. */
  Dump add(String name, long[] values, long... shape) throws IOException {
    ByteBuffer bytes = buffer(values.length, Long.BYTES);
    bytes.asLongBuffer().put(values);
    return add(name, "uint64", bytes, shape);
  }

  /** Writes the manifest; the tensors are written already. */
  void write() throws IOException {
    Files.writeString(manifest, root.toPrettyString() + "\n");
  }

  private Dump add(String name, String dtype, ByteBuffer bytes, long... shape) throws IOException {
    String stem = manifest.getFileName().toString().replaceFirst("\\.json$", "");
    String file = stem + "." + name + ".bin";
    Files.write(manifest.resolveSibling(file), bytes.array());
    ObjectNode tensor = tensors.putObject(name);
    tensor.put("file", file).put("dtype", dtype);
    for (long extent : shape) {
      tensor.withArray("shape").add(extent);
    }
    return this;
  }

  private static ByteBuffer buffer(int count, int bytes) {
    return ByteBuffer.allocate(Math.multiplyExact(count, bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
