// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.precordia.model.ParameterLayout.Range;
import org.precordia.runtime.DType;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The parameters of a network on a device: one flat fp32 buffer, and each op's packed copy in the
 * backend's own layout and precision. {@link #pack} must run after every change of the flat buffer.
 */
public final class Weights implements AutoCloseable {
  private final NetworkConfig config;
  private final ParameterLayout layout;
  private final DType activations;
  private final Stream stream;
  private final Resources resources = new Resources();
  private final Arena arena;
  private final Tensor values;
  private final Map<ParameterGroup, Tensor> packed = new EnumMap<>(ParameterGroup.class);
  private final PackOp packAll;

  /**
   * Allocates uninitialised parameters.
   *
   * @param activations storage of the activations the network will run with: F32 or BF16
   */
  public Weights(Stream stream, NetworkConfig config, DType activations) {
    if (activations != DType.F32 && config.architecture() != Architecture.DILATED) {
      throw new IllegalArgumentException(
          config.architecture() + " computes in fp32 alone: choose --precision fp32");
    }
    this.stream = stream;
    this.config = config;
    this.layout = new ParameterLayout(config);
    this.activations = activations;
    this.arena = resources.add(Arena.ofShared());
    this.values = resources.allocate(stream, DType.F32, layout.size());
    for (ParameterGroup group : layout.groups()) {
      PackOp.Entry entry = entry(group);
      if (entry != null) {
        packed.put(group, resources.bytes(stream, entry.size(stream.context())));
      }
    }
    this.packAll = packOp(arena, layout.groups());
  }

  /** The network's shape. */
  public NetworkConfig config() {
    return config;
  }

  /** Where each parameter lies. */
  public ParameterLayout layout() {
    return layout;
  }

  /** Storage of activations. */
  public DType activations() {
    return activations;
  }

  /** The stream that the parameters live on. */
  public Stream stream() {
    return stream;
  }

  /** The flat buffer, F32 [{@link ParameterLayout#size}]. */
  public Tensor values() {
    return values;
  }

  /** A range of the flat buffer. */
  public Tensor values(Range range) {
    return values.slice(range.begin(), range.end());
  }

  /** One op's parameters. */
  public Tensor values(ParameterGroup group) {
    return values(layout.range(group));
  }

  /** The anchor, or null without one. */
  Tensor anchor() {
    return layout.has(ParameterGroup.ANCHOR) ? values(ParameterGroup.ANCHOR) : null;
  }

  /** One op's packed copy. */
  public Tensor packed(ParameterGroup group) {
    return packed.get(group);
  }

  /** Writes the flat buffer and packs it. */
  public void upload(float[] flat) {
    values.upload(stream, flat);
    pack();
  }

  /** Packs everything. */
  public void pack() {
    packAll.run(stream);
  }

  /** A pack of some groups, for a step that changes only them. */
  public PackOp packOp(Arena memory, List<ParameterGroup> groups) {
    PackOp op = new PackOp(memory);
    for (ParameterGroup group : groups) {
      if (packed.containsKey(group)) {
        op.add(entry(group), values(group), packed.get(group));
      }
    }
    return op;
  }

  /** What a group is packed as; null for those that ops read as they are. */
  private PackOp.Entry entry(ParameterGroup group) {
    int width = config.width();
    return switch (group) {
      case PATHOLOGY_STEM -> stem(width);
      case WAVEFORM_STEM -> stem(config.headWidth());
      case PATHOLOGY_BLOCKS -> stack(width, config.pathologyDilations().length);
      case WAVEFORM_BLOCKS -> stack(width, config.waveformDilations().length);
      case DECODER_BLOCKS -> stack(width, config.decoderDilations().length);
      case POOL_PROJECT -> entry(PackOp.Kind.POOL_PROJECT, width, config.embedding(), 0);
      case CLASSIFIER -> entry(PackOp.Kind.CLASSIFIER, width, config.labels().size(), 0);
      case FILM -> entry(PackOp.Kind.FILM, width, 0, 0);
      case ENCODER_BLOCK_0, DECODER_BLOCK_0 -> unetBlock(0);
      case ENCODER_BLOCK_1, DECODER_BLOCK_1 -> unetBlock(1);
      case ENCODER_BLOCK_2, DECODER_BLOCK_2 -> unetBlock(2);
      case ENCODER_BLOCK_3, DECODER_BLOCK_3 -> unetBlock(3);
      case BOTTOM ->
          config.architecture() == Architecture.UNET ? unetBlock(UNetShape.LEVELS) : null;
      case DOWN_0, DOWN_1, DOWN_2, DOWN_3, UP_0, UP_1, UP_2, UP_3 -> null;
      case SKIP_0, SKIP_1, SKIP_2, SKIP_3 -> null;
      case HEAD -> entry(PackOp.Kind.HEAD, config.headWidth(), config.targets().size(), 0);
      case ANCHOR -> null;
    };
  }

  private PackOp.Entry stem(int width) {
    return entry(PackOp.Kind.STEM, width, config.inputs().size(), 0);
  }

  private PackOp.Entry unetBlock(int level) {
    return stack(new UNetShape(config.width()).width(level), 1);
  }

  private PackOp.Entry stack(int width, int blocks) {
    return entry(PackOp.Kind.DILATED_STACK, width, 0, blocks);
  }

  private PackOp.Entry entry(PackOp.Kind kind, int width, int leads, int blocks) {
    return new PackOp.Entry(kind, activations, width, leads, blocks);
  }

  @Override
  public void close() {
    resources.close();
  }
}
