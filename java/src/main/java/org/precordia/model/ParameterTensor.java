// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Arrays;

/**
 * One named tensor of the network.
 *
 * @param name name in files, for example {@code pathology.blocks.0.conv.weight}
 * @param shape shape in files, as PyTorch has it
 * @param group the op that owns it
 * @param offset first element in the flat buffer
 * @param start how training starts it
 * @param fanIn inputs of one output of its layer; 0 for norms
 */
public record ParameterTensor(
    String name, long[] shape, ParameterGroup group, long offset, Start start, int fanIn) {

  /** How training starts a tensor. */
  public enum Start {
    /** Uniform in ±1/sqrt(fanIn), PyTorch's default for convolutions and linear layers. */
    UNIFORM,
    ZERO,
    ONE
  }

  /** Number of elements. */
  public long count() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** One past the last element in the flat buffer. */
  public long end() {
    return offset + count();
  }

  /** Whether weight decay acts on it: matrices and kernels, not biases and norms. */
  public boolean decays() {
    return shape.length >= 2;
  }
}
