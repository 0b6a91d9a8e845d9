// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.precordia.model.NetworkConfig;

/**
 * A step of recipe joint by libtorch: forward, three losses, backward, clip, AdamW, moving average.
 * The batch lies there already; Precordia's step gathers and augments it as well.
 */
final class TorchStep implements Work {
  private static final double RATE = 1e-4;
  private static final double DECAY = 0.05;
  private static final double CLIP = 1;
  private static final float AVERAGE = 0.995f;
  private static final float SIDE_LOSSES = 0.01f;

  private final TorchNetwork network;
  private final Tensor inputs;
  private final Tensor targets;
  private final Tensor labels;
  private final TensorVector parameters;
  private final Tensor[] averages;
  private final AdamW optimiser;
  private final float[] firstGradient;

  TorchStep(Problem.Network problem) {
    NetworkConfig config = problem.config();
    network = new TorchNetwork(problem, true);
    int batch = problem.batch();
    inputs = Torch.channelsFirst(problem.inputs(), batch, config.window(), config.inputs().size());
    targets =
        Torch.channelsFirst(problem.targets(), batch, config.window(), config.targets().size());
    labels = TorchContrast.labels(problem.labels());
    parameters = network.trained();
    averages = new Tensor[(int) parameters.size()];
    int count = 0;
    for (int i = 0; i < averages.length; i++) {
      averages[i] = parameters.get(i).detach().clone();
      count += (int) averages[i].numel();
    }
    AdamWOptions options = new AdamWOptions(RATE);
    options.weight_decay().put(DECAY);
    optimiser = new AdamW(parameters, options);
    firstGradient = new float[count];
    backward();
    int at = 0;
    for (int i = 0; i < averages.length; i++) {
      float[] gradient = Torch.floats(parameters.get(i).grad());
      System.arraycopy(gradient, 0, firstGradient, at, gradient.length);
      at += gradient.length;
    }
  }

  private void backward() {
    try (PointerScope _ = new PointerScope()) {
      optimiser.zero_grad(true);
      TorchNetwork.Output output = network.forward(inputs, true);
      Tensor error = output.signal().sub(targets);
      Tensor reconstruction =
          error.square().mean().mul(new Scalar(0.8f)).add(error.abs().mean().mul(new Scalar(0.2f)));
      Tensor side =
          TorchContrast.loss(output.z(), labels)
              .add(torch.binary_cross_entropy_with_logits(output.logits(), labels));
      reconstruction.add(side.mul(new Scalar(SIDE_LOSSES))).backward();
    }
  }

  @Override
  public void run() {
    backward();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      torch.clip_grad_norm_(parameters, CLIP);
      optimiser.step();
      Scalar share = new Scalar(1 - AVERAGE);
      for (int i = 0; i < averages.length; i++) {
        averages[i].lerp_(parameters.get(i), share);
      }
    }
  }

  @Override
  public float[] result() {
    return firstGradient;
  }

  @Override
  public void close() {
    optimiser.close();
  }
}
