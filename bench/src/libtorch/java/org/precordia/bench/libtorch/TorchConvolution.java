// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The block's dilated convolution by oneDNN, which libtorch calls. Plain tensors are brought into
 * oneDNN's layouts and back by every pass, as far as it wants that; with the layout kept, the input
 * is what another convolution of oneDNN has left and the weights were reordered once.
 */
final class TorchConvolution implements Work {
  private final boolean keepLayout;
  private final int dilation;
  private final Tensor bias;
  private final Tensor plainInput;
  private final Tensor plainWeight;
  private final Tensor input;
  private final Tensor weight;

  TorchConvolution(Problem.Block problem, boolean keepLayout) {
    this.keepLayout = keepLayout;
    dilation = problem.dilation();
    Tensor[] parameters = TorchBlock.parameters(problem);
    plainInput =
        Torch.channelsFirst(problem.x(), problem.batch(), problem.length(), problem.width());
    plainWeight = parameters[0];
    bias = parameters[1];
    if (!keepLayout) {
      input = null;
      weight = null;
      return;
    }
    try (InferenceMode _ = new InferenceMode(true)) {
      Tensor flat = plainInput.unsqueeze(2);
      Tensor blocked = flat.to_mkldnn();
      weight =
          torch.mkldnn_reorder_conv2d_weight(
              plainWeight.unsqueeze(2).contiguous().to_mkldnn(),
              padding(),
              ones(),
              dilations(),
              1,
              flat.size(0),
              flat.size(1),
              flat.size(2),
              flat.size(3));
      Agreement.check(
          "convolution, layout kept",
          Torch.floats(Torch.convolve(plainInput, plainWeight, bias, dilation)),
          Torch.floats(convolve(blocked).to_dense()));
      input = convolve(blocked);
    }
  }

  private long[] padding() {
    return new long[] {0, dilation};
  }

  private static long[] ones() {
    return new long[] {1, 1};
  }

  private long[] dilations() {
    return new long[] {1, dilation};
  }

  private Tensor convolve(Tensor x) {
    return torch.conv2d(x, weight, new TensorOptional(bias), ones(), padding(), dilations(), 1);
  }

  @Override
  public void run() {
    try (PointerScope _ = new PointerScope();
        InferenceMode _ = new InferenceMode(true)) {
      if (keepLayout) {
        convolve(input);
      } else {
        Torch.convolve(plainInput, plainWeight, bias, dilation);
      }
    }
  }

  /** Nothing: it is a part of what the others compute. */
  @Override
  public float[] result() {
    return new float[0];
  }

  @Override
  public void close() {
    // JavaCPP frees what the collector finds.
  }
}
