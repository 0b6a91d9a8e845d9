// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;

/** What a run is survives its file, also one of a version that knew the model alone. */
class RunConfigTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static RunConfig config(Architecture architecture, Conditioning conditioning) {
    TrainingOptions options =
        TrainingOptions.builder().architecture(architecture).conditioning(conditioning).build();
    return new RunConfig(Recipe.joint(), options, "/data/set.shard", "fingerprint");
  }

  private static RunConfig config(Architecture architecture) {
    return config(architecture, architecture.conditioning());
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void aConfigurationReadsBackEqual(Architecture architecture) throws Exception {
    RunConfig config = config(architecture);
    assertEquals(config, RunConfig.ofJson(JSON.readTree(config.toJson())));
  }

  @ParameterizedTest
  @EnumSource(
      value = Conditioning.class,
      names = {"EMBEDDING", "NONE"})
  void anOlderRunIsKnownByItsOwnHash(Conditioning conditioning) throws Exception {
    RunConfig config = config(Architecture.DILATED, conditioning);
    ObjectNode old = older(config, conditioning == Conditioning.EMBEDDING);

    assertEquals(config, RunConfig.ofJson(old));

    ObjectNode hashed = old.deepCopy();
    hashed.remove("data");
    ((ObjectNode) hashed.get("options")).remove("checkpointEvery");
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(hashed.toString().getBytes(StandardCharsets.UTF_8));
    assertEquals(HexFormat.of().formatHex(digest), config.hash());
  }

  /** The file as it was: a boolean for what computes and modulates, no share, no new beginning. */
  private static ObjectNode older(RunConfig config, boolean pathology) throws Exception {
    ObjectNode root = (ObjectNode) JSON.readTree(config.toJson());
    ObjectNode options = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> field : root.get("options").properties()) {
      switch (field.getKey()) {
        case "architecture" -> options.put("pathology", pathology);
        case "conditioning", "patients" -> {}
        default -> options.set(field.getKey(), field.getValue());
      }
    }
    root.set("options", options);
    root.get("recipe").get("stages").forEach(stage -> ((ObjectNode) stage).remove("afresh"));
    return root;
  }

  @Test
  void everyNetworkHasAHashOfItsOwn() {
    String model = config(Architecture.DILATED).hash();
    assertNotEquals(model, config(Architecture.UNET).hash());
    assertNotEquals(config(Architecture.LSTM_UNET).hash(), config(Architecture.UNET).hash());
    assertNotEquals(model, config(Architecture.DILATED, Conditioning.AMPLITUDE).hash());
    assertNotEquals(
        config(Architecture.DILATED, Conditioning.NONE).hash(),
        config(Architecture.DILATED, Conditioning.AMPLITUDE).hash());
  }

  @Test
  void nothingModulatesAUNet() {
    RunConfig config = config(Architecture.UNET, Conditioning.EMBEDDING);
    assertThrows(IllegalArgumentException.class, () -> config.options().network(List.of(), false));
  }
}
