// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.precordia.model.ModelFile;
import org.precordia.model.ModelMetadata;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Safetensors;
import org.precordia.model.Size;
import org.precordia.model.Standardisation;
import org.precordia.signal.Preprocessing;

/** Files of tensors and models. An input is the JSON header, whose length is put in front. */
final class SafetensorsFuzz extends ReaderFuzz {
  SafetensorsFuzz() {
    super("safetensors", "x.safetensors");
  }

  @Override
  List<byte[]> seeds() throws IOException {
    String tensors =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[8,10]}}";
    String model =
        new ModelMetadata(
                NetworkConfig.of(Size.SMALL, List.of("NORM")),
                100,
                Preprocessing.DEFAULT,
                new Standardisation(
                    Standardisation.Mode.SET,
                    List.of(0f, 0f, 0f),
                    List.of(1f, 1f, 1f),
                    List.of(9f, 9f, 9f)),
                "{}",
                "{}",
                "1.0")
            .toJson();
    return List.of(
        text(
            "{\"__metadata__\":{\"precordia\":"
                + new JsonMapper().writeValueAsString(model)
                + "}}"),
        join(text(tensors), new byte[10]),
        join(text(tensors.replace("F32", "I64").replace("[2,1]", "[]")), new byte[10]),
        text("{}"));
  }

  @Override
  List<String> words() {
    return List.of(
        "__metadata__",
        "dtype",
        "shape",
        "data_offsets",
        "F32",
        "U8",
        "BF16",
        "F64",
        "[0,0]",
        "{\"0\":1,\"1\":2}",
        "4294967296",
        "9223372036854775807",
        "-1",
        "1e300",
        "0.5",
        "null",
        "[[[[",
        "precordia");
  }

  @Override
  List<byte[]> contents(List<byte[]> parts) {
    byte[] header = parts.getFirst();
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(header.length);
    return List.of(
        concatenate(length.array(), header, parts.size() > 1 ? parts.get(1) : new byte[0]));
  }

  @Override
  void exercise(GuardedReading reading, Path scratch) throws IOException {
    Path file = reading.folder().resolve("x.safetensors");
    reading
        .read(() -> Safetensors.read(file))
        .ifPresent(
            tensors -> {
              tensors.metadata();
              for (String name : tensors.names()) {
                reading.read(() -> tensors.floats(name, 2, 1));
                reading.read(() -> tensors.bytes(name, 2));
              }
            });
    reading.read(() -> ModelFile.read(file));
  }
}
