// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.precordia.model.ParameterGroup.UNetLevel;
import org.precordia.model.ParameterTensor.Start;

/**
 * Where every parameter of a network lies in one flat fp32 buffer: the order of docs/model.md, with
 * each op's parameters side by side as the ABI wants them, the pathology branch first, the frozen
 * anchor last. So a training stage updates one contiguous range.
 */
public final class ParameterLayout {
  private final List<ParameterTensor> tensors = new ArrayList<>();
  private final Map<ParameterGroup, Range> groups = new EnumMap<>(ParameterGroup.class);
  private long size;

  /** The layout of a network. */
  public ParameterLayout(NetworkConfig config) {
    int width = config.width();
    if (config.pathology()) {
      stem("pathology", ParameterGroup.PATHOLOGY_STEM, width, config);
      blocks("pathology", ParameterGroup.PATHOLOGY_BLOCKS, width, config.pathologyDilations());
      norm("pathology_norm", ParameterGroup.POOL_PROJECT, width);
      layer("projection.0", ParameterGroup.POOL_PROJECT, Start.UNIFORM, width, width);
      layer("projection.1", ParameterGroup.POOL_PROJECT, Start.UNIFORM, config.embedding(), width);
      if (config.classifier()) {
        int labels = config.labels().size();
        layer("classifier", ParameterGroup.CLASSIFIER, Start.UNIFORM, labels, width);
      }
    }
    if (config.reconstructs()) {
      reconstruction(config);
    }
  }

  private void reconstruction(NetworkConfig config) {
    int width = config.width();
    if (config.architecture() == Architecture.DILATED) {
      stem("waveform", ParameterGroup.WAVEFORM_STEM, width, config);
      blocks("waveform", ParameterGroup.WAVEFORM_BLOCKS, width, config.waveformDilations());
      if (config.modulated()) {
        layer("film", ParameterGroup.FILM, Start.ZERO, 2L * width, width);
      }
      blocks("decoder", ParameterGroup.DECODER_BLOCKS, width, config.decoderDilations());
    } else {
      unet(config);
    }
    int last = config.headWidth();
    norm("decoder_norm", ParameterGroup.HEAD, last);
    int targets = config.targets().size();
    layer("head", ParameterGroup.HEAD, Start.ZERO, targets, last, 1);
    if (config.anchor()) {
      int inputs = config.inputs().size();
      layer("anchor", ParameterGroup.ANCHOR, Start.ZERO, targets, inputs, 1);
    }
  }

  /** A half-open range of elements of the flat buffer. */
  public record Range(long begin, long end) {
    /** Number of elements. */
    public long count() {
      return end - begin;
    }
  }

  /** All tensors in the order of the flat buffer. */
  public List<ParameterTensor> tensors() {
    return List.copyOf(tensors);
  }

  /** Elements of the flat buffer, the anchor's among them. */
  public long size() {
    return size;
  }

  /** Whether the network has a group. */
  public boolean has(ParameterGroup group) {
    return groups.containsKey(group);
  }

  /** The groups that the network has, in order. */
  public List<ParameterGroup> groups() {
    return List.copyOf(groups.keySet());
  }

  /** Where a group lies. */
  public Range range(ParameterGroup group) {
    Range range = groups.get(group);
    if (range == null) {
      throw new NoSuchElementException("the network has no " + group);
    }
    return range;
  }

  /** Everything that gradients train: all but the anchor. */
  public Range trainable() {
    return new Range(0, has(ParameterGroup.ANCHOR) ? range(ParameterGroup.ANCHOR).begin() : size);
  }

  /** The pathology branch: encoder, projection and classifier. Empty without it. */
  public Range pathology() {
    boolean more = has(ParameterGroup.WAVEFORM_STEM);
    return new Range(0, more ? range(ParameterGroup.WAVEFORM_STEM).begin() : size);
  }

  /** What gradients train beside the pathology branch. */
  public Range waveform() {
    return new Range(pathology().end(), trainable().end());
  }

  /** Elements that gradients train. */
  public long trainableCount() {
    return trainable().count();
  }

  private void unet(NetworkConfig config) {
    UNetShape shape = new UNetShape(config.width());
    stem("waveform", ParameterGroup.WAVEFORM_STEM, shape.width(0), config);
    for (UNetLevel level : ParameterGroup.levels()) {
      int here = shape.width(level.index());
      int below = shape.width(level.index() + 1);
      String name = "encoder." + level.index();
      block(name + ".block", level.encoder(), here);
      layer(name + ".down", level.down(), Start.UNIFORM, below, here, UNetShape.DOWN_TAPS);
    }
    if (config.architecture() == Architecture.LSTM_UNET) {
      lstm("bottom", shape.bottomWidth());
    } else {
      block("bottom", ParameterGroup.BOTTOM, shape.bottomWidth());
    }
    for (UNetLevel level : ParameterGroup.levels().reversed()) {
      int here = shape.width(level.index());
      int below = shape.width(level.index() + 1);
      String name = "decoder." + level.index();
      // PyTorch counts the inputs of a transposed convolution by the second extent, too.
      int fanIn = here * UNetShape.UP_TAPS;
      add(name + ".up.weight", level.up(), Start.UNIFORM, fanIn, below, here, UNetShape.UP_TAPS);
      add(name + ".up.bias", level.up(), Start.UNIFORM, fanIn, here);
      layer(name + ".skip", level.skip(), Start.UNIFORM, here, here, 1);
      block(name + ".block", level.decoder(), here);
    }
  }

  /** A bidirectional LSTM of as many outputs as inputs. */
  private void lstm(String name, int width) {
    int hidden = width / UNetShape.DIRECTIONS;
    int gates = 4 * hidden;
    for (String direction : List.of("", "_reverse")) {
      String suffix = "_l0" + direction;
      ParameterGroup group = ParameterGroup.BOTTOM;
      add(name + ".weight_ih" + suffix, group, Start.UNIFORM, hidden, gates, width);
      add(name + ".weight_hh" + suffix, group, Start.UNIFORM, hidden, gates, hidden);
      add(name + ".bias_ih" + suffix, group, Start.UNIFORM, hidden, gates);
      add(name + ".bias_hh" + suffix, group, Start.UNIFORM, hidden, gates);
    }
  }

  private void stem(String name, ParameterGroup group, int width, NetworkConfig config) {
    layer(
        name + ".stem",
        group,
        Start.UNIFORM,
        width,
        config.inputs().size(),
        NetworkConfig.STEM_TAPS);
  }

  private void blocks(String name, ParameterGroup group, int width, int[] dilations) {
    for (int i = 0; i < dilations.length; i++) {
      block(name + ".blocks." + i, group, width);
    }
  }

  private void block(String name, ParameterGroup group, int width) {
    layer(name + ".conv", group, Start.UNIFORM, width, width, NetworkConfig.CONV_TAPS);
    norm(name + ".norm", group, width);
    layer(name + ".pointwise", group, Start.UNIFORM, width, width, 1);
  }

  private void norm(String name, ParameterGroup group, int width) {
    add(name + ".weight", group, Start.ONE, 0, width);
    add(name + ".bias", group, Start.ZERO, 0, width);
  }

  private void layer(String name, ParameterGroup group, Start start, long... weightShape) {
    int fanIn = 1;
    for (int i = 1; i < weightShape.length; i++) {
      fanIn *= (int) weightShape[i];
    }
    add(name + ".weight", group, start, fanIn, weightShape);
    add(name + ".bias", group, start, fanIn, weightShape[0]);
  }

  private void add(String name, ParameterGroup group, Start start, int fanIn, long... shape) {
    ParameterTensor tensor = new ParameterTensor(name, shape, group, size, start, fanIn);
    tensors.add(tensor);
    groups.merge(
        group,
        new Range(tensor.offset(), tensor.end()),
        (old, added) -> new Range(old.begin(), added.end()));
    size = tensor.end();
  }
}
