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
    this.stream = stream;
    this.config = config;
    this.layout = new ParameterLayout(config);
    this.activations = activations;
    this.arena = resources.add(Arena.ofShared());
    this.values = resources.allocate(stream, DType.F32, layout.size());
    for (ParameterGroup group : layout.groups()) {
      if (group != ParameterGroup.ANCHOR) {
        long bytes = entry(group).size(stream.context());
        packed.put(group, resources.allocate(stream, DType.U8, Math.max(1, bytes)));
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

  private PackOp.Entry entry(ParameterGroup group) {
    return switch (group) {
      case PATHOLOGY_STEM, WAVEFORM_STEM -> entry(PackOp.Kind.STEM, config.inputs().size(), 0);
      case PATHOLOGY_BLOCKS -> stack(config.pathologyDilations());
      case WAVEFORM_BLOCKS -> stack(config.waveformDilations());
      case DECODER_BLOCKS -> stack(config.decoderDilations());
      case POOL_PROJECT -> entry(PackOp.Kind.POOL_PROJECT, config.embedding(), 0);
      case CLASSIFIER -> entry(PackOp.Kind.CLASSIFIER, config.labels().size(), 0);
      case FILM -> entry(PackOp.Kind.FILM, 0, 0);
      case HEAD -> entry(PackOp.Kind.HEAD, config.targets().size(), 0);
      case ANCHOR -> throw new IllegalArgumentException("the anchor is never packed");
    };
  }

  private PackOp.Entry stack(int[] dilations) {
    return entry(PackOp.Kind.DILATED_STACK, 0, dilations.length);
  }

  private PackOp.Entry entry(PackOp.Kind kind, int leads, int blocks) {
    return new PackOp.Entry(kind, activations, config.width(), leads, blocks);
  }

  @Override
  public void close() {
    resources.close();
  }
}
