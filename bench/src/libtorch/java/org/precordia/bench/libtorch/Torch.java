// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Tensors of libtorch from and to arrays, and the layers that the network is made of. */
final class Torch {
  private static final double EPSILON = 1e-5;

  private Torch() {}

  /** A tensor with a copy of the values. */
  static Tensor of(float[] values, long... shape) {
    return Tensor.create(values, shape);
  }

  /** A part of a row of parameters. */
  static Tensor part(float[] values, int offset, long... shape) {
    int count = 1;
    for (long extent : shape) {
      count *= (int) extent;
    }
    return of(Arrays.copyOfRange(values, offset, offset + count), shape);
  }

  /** Values [B, L, C] as libtorch convolves them best, [B, C, L] in one piece. */
  static Tensor channelsFirst(float[] values, long batch, long length, long channels) {
    return of(values, batch, length, channels).transpose(1, 2).contiguous();
  }

  /** The values in order of a tensor's dimensions. */
  static float[] floats(Tensor tensor) {
    Tensor dense = tensor.detach().contiguous();
    float[] values = new float[(int) dense.numel()];
    FloatBuffer buffer = dense.createBuffer();
    buffer.get(values);
    return values;
  }

  /** Lets gradients be computed. */
  static Tensor trained(Tensor tensor) {
    tensor.set_requires_grad(true);
    return tensor;
  }

  /** Convolution of [B, C, L] that keeps the length. */
  static Tensor convolve(Tensor x, Tensor weight, Tensor bias, long dilation) {
    long padding = dilation * (weight.size(2) / 2);
    return torch.conv1d(
        x,
        weight,
        new TensorOptional(bias),
        new long[] {1},
        new long[] {padding},
        new long[] {dilation},
        1);
  }

  /** Norm over the channels of [B, C, L]; the result is [B, L, C]. */
  static Tensor normalise(Tensor x, Tensor weight, Tensor bias) {
    return torch.layer_norm(
        x.transpose(1, 2),
        new long[] {weight.size(0)},
        new TensorOptional(weight),
        new TensorOptional(bias),
        EPSILON,
        true);
  }

  /** A dilated block on [B, C, L]; parameters in the order of docs/model.md. */
  static Tensor block(Tensor x, Tensor[] p, long dilation) {
    Tensor y = normalise(convolve(x, p[0], p[1], dilation), p[2], p[3]).transpose(1, 2);
    return x.add(convolve(torch.gelu(y, "tanh"), p[4], p[5], 1));
  }
}
