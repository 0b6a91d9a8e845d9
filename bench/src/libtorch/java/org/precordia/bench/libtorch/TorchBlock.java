// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/** A dilated block by libtorch, forward or backward, on [B, C, L]. */
final class TorchBlock implements Work {
  private final Problem.Block problem;
  private final boolean backward;
  private final Tensor x;
  private final Tensor[] parameters;
  private final Tensor dy;
  private final Tensor output;

  TorchBlock(Problem.Block problem, boolean backward) {
    this.problem = problem;
    this.backward = backward;
    x = Torch.channelsFirst(problem.x(), problem.batch(), problem.length(), problem.width());
    dy = Torch.channelsFirst(problem.dy(), problem.batch(), problem.length(), problem.width());
    parameters = parameters(problem);
    if (backward) {
      Torch.trained(x);
      Arrays.stream(parameters).forEach(Torch::trained);
    }
    // Backward passes run over and over on what this one keeps.
    output = backward ? Torch.block(x, parameters, problem.dilation()) : null;
  }

  /** The block's parameters in the order of docs/model.md. */
  static Tensor[] parameters(Problem.Block problem) {
    int c = problem.width();
    long[][] shapes = {{c, c, 3}, {c}, {c}, {c}, {c, c, 1}, {c}};
    Tensor[] parameters = new Tensor[shapes.length];
    int offset = 0;
    for (int i = 0; i < shapes.length; i++) {
      parameters[i] = Torch.part(problem.parameters(), offset, shapes[i]);
      offset += (int) parameters[i].numel();
    }
    return parameters;
  }

  @Override
  public void run() {
    try (PointerScope _ = new PointerScope()) {
      if (backward) {
        x.mutable_grad().reset();
        for (Tensor parameter : parameters) {
          parameter.mutable_grad().reset();
        }
        output.backward(dy, new BoolOptional(true), false, new TensorArrayRefOptional());
      } else {
        try (InferenceMode _ = new InferenceMode(true)) {
          Torch.block(x, parameters, problem.dilation());
        }
      }
    }
  }

  @Override
  public float[] result() {
    try (PointerScope _ = new PointerScope()) {
      if (!backward) {
        return Torch.floats(Torch.block(x, parameters, problem.dilation()).transpose(1, 2));
      }
      float[] dx = Torch.floats(x.grad().transpose(1, 2));
      float[] all = Arrays.copyOf(dx, dx.length + problem.parameters().length);
      int at = dx.length;
      for (Tensor parameter : parameters) {
        float[] gradient = Torch.floats(parameter.grad());
        System.arraycopy(gradient, 0, all, at, gradient.length);
        at += gradient.length;
      }
      return all;
    }
  }

  @Override
  public void close() {
    // What is kept goes with the object: JavaCPP frees what the collector finds.
  }
}
