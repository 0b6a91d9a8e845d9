// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.signal.Preprocessing;

/** Round trips and faults of tensor files and of models in them. */
class SafetensorsTest {
  @TempDir Path folder;

  private static ModelFile model() {
    NetworkConfig config = NetworkConfig.of(Size.SMALL, List.of("NORM", "IMI"));
    float[] parameters = Initialisation.draw(new ParameterLayout(config), 3);
    Standardisation standardisation =
        new Standardisation(
            Standardisation.Mode.SET,
            List.of(0.1f, 0.2f, -0.3f),
            List.of(1f, 2f, 3f),
            List.of(4f, 5f, 6f));
    return new ModelFile(
        new ModelMetadata(
            config,
            100,
            Preprocessing.DEFAULT,
            standardisation,
            "{\"name\":\"joint\"}",
            "{\"records\":3}",
            "1.0"),
        parameters);
  }

  @Test
  void aModelComesBackAsItWas() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ModelFile written = model();
    written.write(file);
    ModelFile read = ModelFile.read(file);
    assertEquals(written.metadata(), read.metadata());
    assertArrayEquals(written.parameters(), read.parameters());
    assertEquals(written.hash(), read.hash());
    assertEquals(64, written.hash().length());
  }

  @Test
  void theFormatIsThatOfSafetensors() throws IOException {
    Path file = folder.resolve("two.safetensors");
    new SafetensorsWriter()
        .metadata("k", "v")
        .add("a", new float[] {1, 2, 3, 4, 5, 6, 7}, 1, 2, 3)
        .add("b", new byte[] {9, 8})
        .write(file);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong();
    assertEquals(0, header % 8);
    String json = new String(bytes.array(), 8, header, StandardCharsets.UTF_8).trim();
    assertEquals(
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[24,26]}}",
        json);
    assertEquals(8 + header + 26, bytes.capacity());
    assertEquals(2f, bytes.getFloat(8 + header));
    Safetensors read = Safetensors.read(file);
    assertEquals("v", read.metadata().get("k"));
    assertArrayEquals(new float[] {2, 3, 4, 5, 6, 7}, read.floats("a", 2, 3));
    assertArrayEquals(new byte[] {9, 8}, read.bytes("b", 2));
  }

  @Test
  void aFileCutShortSaysSo() throws IOException {
    Path file = folder.resolve("model.safetensors");
    model().write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 7, 100, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      String message =
          assertThrows(TensorFileException.class, () -> ModelFile.read(file)).getMessage();
      assertTrue(message.contains("cut short"), message);
      assertTrue(message.contains("model.safetensors"), message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}}; 6; overlaps",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}}; 6; gap",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}; 4; takes 4 bytes",
        "{'a':{'dtype':'F31','shape':[1],'data_offsets':[0,4]}}; 4; unknown type",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}; 4; takes 4 bytes",
        "{'a':{'dtype':'F32','shape':[1]}}; 4; no data_offsets",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}; 9; after its last tensor",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}; 4; not JSON",
        "[]; 0; no JSON object",
        "{'a':; 0; not JSON"
      })
  void aDamagedHeaderSaysHow(String header, int dataBytes, String expected) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer content =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(json.length).put(json);
    Path file = folder.resolve("bad.safetensors");
    Files.write(file, content.array());
    String message =
        assertThrows(TensorFileException.class, () -> Safetensors.read(file)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  @Test
  void aTensorOfAnotherShapeIsNamed() throws IOException {
    ModelFile model = model();
    Path file = folder.resolve("other.safetensors");
    writeWith(model, file, "film.bias", new long[] {64, 2}, null);
    String message =
        assertThrows(TensorFileException.class, () -> ModelFile.read(file)).getMessage();
    assertTrue(message.contains("film.bias is F32 [64, 2]"), message);
    assertTrue(message.contains("needs F32 [128]"), message);
  }

  @Test
  void aMissingAndAnAdditionalTensorAreNamed() throws IOException {
    ModelFile model = model();
    Path file = folder.resolve("other.safetensors");
    writeWith(model, file, "decoder_norm.bias", null, null);
    assertTrue(
        assertThrows(TensorFileException.class, () -> ModelFile.read(file))
            .getMessage()
            .contains("no tensor decoder_norm.bias"));
    writeWith(model, file, "", null, "surplus");
    assertTrue(
        assertThrows(TensorFileException.class, () -> ModelFile.read(file))
            .getMessage()
            .contains("surplus"));
  }

  /** Writes a model with one tensor reshaped, or left out where the shape is null. */
  private static void writeWith(
      ModelFile model, Path file, String name, long[] shape, String additional) throws IOException {
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata(ModelFile.METADATA_KEY, model.metadata().toJson());
    for (ParameterTensor tensor : new ParameterLayout(model.metadata().network()).tensors()) {
      boolean changed = tensor.name().equals(name);
      if (!changed || shape != null) {
        writer.add(
            tensor.name(),
            model.parameters(),
            (int) tensor.offset(),
            changed ? shape : tensor.shape());
      }
    }
    if (additional != null) {
      writer.add(additional, new float[1], 0, 1);
    }
    writer.write(file);
  }

  @Test
  void aFileWithoutMetadataIsNoModel() throws IOException {
    Path file = folder.resolve("plain.safetensors");
    new SafetensorsWriter().add("a", new float[1], 0, 1).write(file);
    assertTrue(
        assertThrows(TensorFileException.class, () -> ModelFile.read(file))
            .getMessage()
            .contains("no Precordia model"));
    Path absent = folder.resolve("absent.safetensors");
    assertTrue(
        assertThrows(TensorFileException.class, () -> ModelFile.read(absent))
            .getMessage()
            .contains("does not exist"));
  }

  @Test
  void aParameterThatIsNotFiniteIsRefused() throws IOException {
    ModelFile model = model();
    model.parameters()[17] = Float.NaN;
    Path file = folder.resolve("nan.safetensors");
    model.write(file);
    assertThrows(TensorFileException.class, () -> ModelFile.read(file));
  }

  @Test
  void metadataOfAnotherFormatOrWithoutAFieldSayWhich() {
    String json = model().metadata().toJson();
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> ModelMetadata.ofJson(json.replace("\"format\":1", "\"format\":9")))
            .getMessage()
            .contains("format 9"));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> ModelMetadata.ofJson(json.replace("\"targets\"", "\"tragets\"")))
            .getMessage()
            .contains("'targets'"));
  }
}
