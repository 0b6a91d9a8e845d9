// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** SupCon {@code any} over the whole matrix of similarities, as code for PyTorch usually has it. */
final class TorchContrast implements Work {
  private final Tensor z;
  private final Tensor labels;

  TorchContrast(Problem.Contrast problem) {
    z = Torch.trained(Torch.of(problem.z(), problem.entries(), problem.dimensions()));
    labels = labels(problem.labels());
  }

  /** Words of label bits as rows of zeros and ones. */
  static Tensor labels(long[] words) {
    float[] flags = new float[words.length * Problem.LABELS];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = words[i / Problem.LABELS] >>> i % Problem.LABELS & 1;
    }
    return Torch.of(flags, words.length, Problem.LABELS);
  }

  /** Mean over entries that share a label with another. */
  static Tensor loss(Tensor z, Tensor labels) {
    Tensor others = torch.eye(z.size(0)).eq(new Scalar(0f));
    Tensor positive = labels.matmul(labels.t()).gt(new Scalar(0f)).logical_and(others);
    // Similarities of unit vectors are at most 1, so that no exponential overflows.
    Scalar scale = new Scalar(1 / Problem.TEMPERATURE);
    Tensor e = z.matmul(z.t()).mul(scale).sub(scale).exp();
    Tensor total = e.mul(others).sum(1);
    Tensor near = e.mul(positive).sum(1);
    Tensor has = near.gt(new Scalar(0f));
    Tensor one = torch.ones(1);
    Tensor value = torch.where(has, total, one).log().sub(torch.where(has, near, one).log());
    return value.sum().div(has.sum());
  }

  @Override
  public void run() {
    try (PointerScope _ = new PointerScope()) {
      z.mutable_grad().reset();
      loss(z, labels).backward();
    }
  }

  @Override
  public float[] result() {
    try (PointerScope _ = new PointerScope()) {
      return Torch.floats(z.grad());
    }
  }

  @Override
  public void close() {
    // JavaCPP frees what the collector finds.
  }
}
