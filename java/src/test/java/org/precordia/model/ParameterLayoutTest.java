// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.data.Lead;

/** Names, order and ranges of the flat buffer, and how its parameters start. */
class ParameterLayoutTest {
  private static final List<String> LABELS = List.of("NORM", "IMI", "AMI");

  private static NetworkConfig config() {
    return NetworkConfig.of(Size.SMALL, LABELS);
  }

  @Test
  void tensorsLieSideBySideInTheOrderOfTheFormat() {
    ParameterLayout layout = new ParameterLayout(config());
    long position = 0;
    for (ParameterTensor tensor : layout.tensors()) {
      assertEquals(position, tensor.offset(), tensor.name());
      position = tensor.end();
    }
    assertEquals(layout.size(), position);
    List<String> names = layout.tensors().stream().map(ParameterTensor::name).toList();
    assertEquals("pathology.stem.weight", names.get(0));
    assertEquals("pathology.blocks.0.conv.weight", names.get(2));
    assertEquals("pathology.blocks.5.pointwise.bias", names.get(37));
    assertEquals(
        List.of(
            "pathology_norm.weight",
            "pathology_norm.bias",
            "projection.0.weight",
            "projection.0.bias",
            "projection.1.weight",
            "projection.1.bias",
            "classifier.weight",
            "classifier.bias",
            "waveform.stem.weight"),
        names.subList(38, 47));
    assertEquals(
        List.of(
            "decoder_norm.weight",
            "decoder_norm.bias",
            "head.weight",
            "head.bias",
            "anchor.weight",
            "anchor.bias"),
        names.subList(names.size() - 6, names.size()));
  }

  @Test
  void countsFollowFromTheShapes() {
    ParameterLayout layout = new ParameterLayout(config());
    long c = 64;
    long stem = 7 * 3 * c + c;
    long block = 4 * c * c + 4 * c;
    long pathology = stem + 6 * block + 2 * c + c * c + c + 128 * c + 128 + 3 * c + 3;
    long rest = stem + 8 * block + 2 * c * c + 2 * c + 2 * c + 5 * c + 5;
    assertEquals(pathology, layout.pathology().count());
    assertEquals(rest, layout.waveform().count());
    assertEquals(pathology + rest, layout.trainableCount());
    assertEquals(5 * 3 + 5, layout.size() - layout.trainableCount());
    assertEquals(6 * block, layout.range(ParameterGroup.PATHOLOGY_BLOCKS).count());
  }

  @Test
  void aNetworkWithoutTargetsIsAPathologyBranchAlone() {
    NetworkConfig classifier = config().withAnchor(false).withLeads(Lead.INDEPENDENT, List.of());
    assertFalse(classifier.reconstructs());
    ParameterLayout layout = new ParameterLayout(classifier);
    assertEquals(layout.size(), layout.pathology().count());
    assertEquals(layout.size(), layout.trainableCount());
    assertEquals(0, layout.waveform().count());
    assertArrayEquals(new long[] {64, 8, 7}, shape(layout, "pathology.stem.weight"));
    assertTrue(layout.tensors().stream().noneMatch(t -> t.name().startsWith("head")));
    assertThrows(
        IllegalArgumentException.class,
        () -> config().withLeads(Lead.INDEPENDENT, List.of()),
        "there is nothing that an anchor could be added to");
    assertThrows(IllegalArgumentException.class, () -> classifier.withLabels(List.of()));
    assertThrows(IllegalArgumentException.class, () -> classifier.withLeads(List.of(), List.of()));
  }

  @Test
  void shapesAreThoseOfPyTorch() {
    ParameterLayout layout = new ParameterLayout(config());
    assertArrayEquals(new long[] {64, 3, 7}, shape(layout, "waveform.stem.weight"));
    assertArrayEquals(new long[] {64, 64, 3}, shape(layout, "decoder.blocks.3.conv.weight"));
    assertArrayEquals(new long[] {64, 64, 1}, shape(layout, "decoder.blocks.3.pointwise.weight"));
    assertArrayEquals(new long[] {128, 64}, shape(layout, "projection.1.weight"));
    assertArrayEquals(new long[] {128, 64}, shape(layout, "film.weight"));
    assertArrayEquals(new long[] {5, 64, 1}, shape(layout, "head.weight"));
    assertArrayEquals(new long[] {5, 3, 1}, shape(layout, "anchor.weight"));
  }

  private static long[] shape(ParameterLayout layout, String name) {
    return tensor(layout, name).shape();
  }

  private static ParameterTensor tensor(ParameterLayout layout, String name) {
    return layout.tensors().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void decayActsOnKernelsAndMatricesOnly() {
    for (ParameterTensor tensor : new ParameterLayout(config()).tensors()) {
      boolean matrix = tensor.name().endsWith("weight") && !tensor.name().contains("norm");
      assertEquals(matrix, tensor.decays(), tensor.name());
    }
  }

  @Test
  void withoutPathologyItsTensorsAreGone() {
    ParameterLayout layout =
        new ParameterLayout(config().withConditioning(Conditioning.NONE).withAnchor(false));
    assertFalse(layout.has(ParameterGroup.FILM));
    assertFalse(layout.has(ParameterGroup.CLASSIFIER));
    assertEquals(0, layout.pathology().count());
    assertEquals(layout.size(), layout.trainableCount());
    assertEquals("waveform.stem.weight", layout.tensors().getFirst().name());
  }

  private static NetworkConfig config(Architecture architecture) {
    return new NetworkConfig(
        Size.SMALL.width(),
        NetworkConfig.DEFAULT_INPUTS,
        NetworkConfig.DEFAULT_TARGETS,
        NetworkConfig.DEFAULT_WINDOW,
        NetworkConfig.DEFAULT_EMBEDDING,
        LABELS,
        architecture,
        Conditioning.NONE,
        true);
  }

  @ParameterizedTest
  @CsvSource({"UNET, 253509", "LSTM_UNET, 286789"})
  void theNetworksToCompareWithHaveAboutAsManyParameters(Architecture architecture, long count) {
    ParameterLayout layout = new ParameterLayout(config(architecture));
    assertEquals(count, layout.trainableCount());
    assertEquals(0, layout.pathology().count());
    assertEquals(layout.trainable(), layout.waveform());
    long position = 0;
    for (ParameterTensor tensor : layout.tensors()) {
      assertEquals(position, tensor.offset(), tensor.name());
      position = tensor.end();
    }
    assertArrayEquals(new long[] {32, 3, 7}, shape(layout, "waveform.stem.weight"));
    assertArrayEquals(new long[] {128, 64, 4}, shape(layout, "encoder.3.down.weight"));
    assertArrayEquals(new long[] {128, 64, 2}, shape(layout, "decoder.3.up.weight"));
    assertArrayEquals(new long[] {64}, shape(layout, "decoder.3.up.bias"));
    assertEquals(64 * 2, tensor(layout, "decoder.3.up.bias").fanIn());
    assertArrayEquals(new long[] {32, 32, 1}, shape(layout, "decoder.0.skip.weight"));
    assertArrayEquals(new long[] {5, 32, 1}, shape(layout, "head.weight"));
  }

  @Test
  void theLstmsTensorsAreThoseOfPyTorch() {
    ParameterLayout layout = new ParameterLayout(config(Architecture.LSTM_UNET));
    assertArrayEquals(new long[] {256, 128}, shape(layout, "bottom.weight_ih_l0"));
    assertArrayEquals(new long[] {256, 64}, shape(layout, "bottom.weight_hh_l0_reverse"));
    assertArrayEquals(new long[] {256}, shape(layout, "bottom.bias_hh_l0_reverse"));
    assertEquals(64, tensor(layout, "bottom.bias_ih_l0").fanIn());
    assertTrue(tensor(layout, "bottom.weight_hh_l0").decays());
  }

  @Test
  void amplitudesModulateWithoutAPathologyBranch() {
    ParameterLayout layout = new ParameterLayout(config().withConditioning(Conditioning.AMPLITUDE));
    assertEquals(0, layout.pathology().count());
    assertFalse(layout.has(ParameterGroup.CLASSIFIER));
    assertArrayEquals(new long[] {128, 64}, shape(layout, "film.weight"));
  }

  @Test
  void whatAnArchitectureCannotTakeIsRefused() {
    NetworkConfig unet = config(Architecture.UNET);
    String length =
        assertThrows(IllegalArgumentException.class, () -> unet.withWindow(200)).getMessage();
    assertTrue(length.contains("unet needs a multiple of 16"), length);
    assertThrows(
        IllegalArgumentException.class, () -> unet.withConditioning(Conditioning.EMBEDDING));
    assertThrows(IllegalArgumentException.class, () -> Architecture.of("resnet"));
  }

  @Test
  void parametersStartAsInPyTorch() {
    ParameterLayout layout = new ParameterLayout(config());
    float[] flat = Initialisation.draw(layout, 7);
    assertArrayEquals(flat, Initialisation.draw(layout, 7));
    assertFalse(Arrays.equals(flat, Initialisation.draw(layout, 8)));
    for (ParameterTensor tensor : layout.tensors()) {
      float[] values = Arrays.copyOfRange(flat, (int) tensor.offset(), (int) tensor.end());
      if (tensor.name().contains("norm")) {
        float expected = tensor.name().endsWith("weight") ? 1 : 0;
        for (float value : values) {
          assertEquals(expected, value, tensor.name());
        }
      } else if (tensor.group() == ParameterGroup.FILM
          || tensor.name().startsWith("head")
          || tensor.group() == ParameterGroup.ANCHOR) {
        assertArrayEquals(new float[values.length], values, tensor.name());
      } else {
        double bound = 1 / Math.sqrt(tensor.fanIn());
        double squares = 0;
        for (float value : values) {
          assertTrue(Math.abs(value) <= bound, tensor.name());
          squares += value * value;
        }
        if (values.length > 1000) {
          // A uniform distribution in ±b has the deviation b / sqrt(3).
          assertEquals(bound / Math.sqrt(3), Math.sqrt(squares / values.length), 0.05 * bound);
        }
      }
    }
    assertEquals(3 * 7, tensor(layout, "pathology.stem.bias").fanIn());
  }

  @Test
  void networksThatShareTensorsStartThemAlike() {
    ParameterLayout with = new ParameterLayout(config());
    ParameterLayout without = new ParameterLayout(config().withConditioning(Conditioning.NONE));
    float[] a = Initialisation.draw(with, 1);
    float[] b = Initialisation.draw(without, 1);
    ParameterTensor inA = tensor(with, "decoder.blocks.2.conv.weight");
    ParameterTensor inB = tensor(without, "decoder.blocks.2.conv.weight");
    for (int i = 0; i < inA.count(); i++) {
      assertEquals(a[(int) inA.offset() + i], b[(int) inB.offset() + i]);
    }
  }

  @Test
  void derivedLeadsCannotBeTargets() {
    NetworkConfig config = config();
    assertThrows(
        IllegalArgumentException.class,
        () -> config.withLeads(List.of(Lead.V2), List.of(Lead.AVR)));
    assertThrows(
        IllegalArgumentException.class, () -> config.withLeads(List.of(Lead.I), List.of(Lead.I)));
    assertThrows(
        IllegalArgumentException.class,
        () -> config.withLeads(List.of(Lead.I, Lead.I), List.of(Lead.V1)));
    assertThrows(
        IllegalArgumentException.class, () -> config.withLeads(List.of(Lead.VX), List.of(Lead.I)));
  }

  @Test
  void limbLeadsAreMixedFromLeadsOneAndTwo() {
    float[] mix = NetworkConfig.mix(List.of(Lead.AVF, Lead.V6));
    assertArrayEquals(new float[] {-0.5f, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, mix);
  }
}
