// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * A trained network: metadata and parameters, in PyTorch's names and shapes in one safetensors
 * file.
 *
 * @param metadata everything but the parameters
 * @param parameters the flat buffer of {@link ParameterLayout}
 */
public record ModelFile(ModelMetadata metadata, float[] parameters) {
  static final String METADATA_KEY = "precordia";

  public ModelFile {
    long wanted = new ParameterLayout(metadata.network()).size();
    if (parameters.length != wanted) {
      throw new IllegalArgumentException(
          "%d parameters for a network that has %d".formatted(parameters.length, wanted));
    }
  }

  /**
   * Reads a model.
   *
   * @throws TensorFileException when the file is missing, damaged, no model, or of another shape
   *     than its metadata say
   */
  public static ModelFile read(Path file) throws IOException {
    Safetensors tensors = Safetensors.read(file);
    ModelMetadata metadata = metadata(tensors);
    ParameterLayout layout = new ParameterLayout(metadata.network());
    // All of them are there before memory is taken for what the metadata claim.
    for (ParameterTensor tensor : layout.tensors()) {
      tensors.requireFloats(tensor.name(), tensor.shape());
    }
    float[] parameters = new float[(int) layout.size()];
    Set<String> left = new HashSet<>(tensors.names());
    for (ParameterTensor tensor : layout.tensors()) {
      float[] values = tensors.floats(tensor.name(), tensor.shape());
      System.arraycopy(values, 0, parameters, (int) tensor.offset(), values.length);
      left.remove(tensor.name());
    }
    if (!left.isEmpty()) {
      throw new TensorFileException(
          file, "has tensors that this network does not: %s", left.stream().sorted().toList());
    }
    for (float value : parameters) {
      if (!Float.isFinite(value)) {
        throw new TensorFileException(file, "holds a parameter that is not finite");
      }
    }
    return new ModelFile(metadata, parameters);
  }

  /** A network whose head and anchor are zero, and so its output. */
  public static ModelFile silent(ModelMetadata metadata) {
    return new ModelFile(metadata, Initialisation.draw(new ParameterLayout(metadata.network()), 0));
  }

  static ModelMetadata metadata(Safetensors tensors) throws TensorFileException {
    String text = tensors.metadata().get(METADATA_KEY);
    if (text == null) {
      throw new TensorFileException(
          tensors.file(), "is no Precordia model: its metadata have no field '%s'", METADATA_KEY);
    }
    try {
      return ModelMetadata.ofJson(text);
    } catch (IllegalArgumentException e) {
      throw new TensorFileException(tensors.file(), "%s", e.getMessage());
    }
  }

  /** Writes the model, whole or not at all. */
  public void write(Path file) throws IOException {
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata("format", "pt").metadata(METADATA_KEY, metadata.toJson());
    for (ParameterTensor tensor : new ParameterLayout(metadata.network()).tensors()) {
      writer.add(tensor.name(), parameters, (int) tensor.offset(), tensor.shape());
    }
    writer.write(file);
  }

  /** SHA-256 of metadata and parameters in hexadecimal: names the model in what it makes. */
  public String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(metadata.toJson().getBytes(StandardCharsets.UTF_8));
      for (float value : parameters) {
        int bits = Float.floatToRawIntBits(value);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
          digest.update((byte) (bits >>> shift));
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Number of parameters that were trained, the anchor not counted. */
  public long trainedParameters() {
    return new ParameterLayout(metadata.network()).trainableCount();
  }
}
