// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.precordia.model.NetworkConfig;

/** libtorch's C++ library, called through JavaCPP. */
final class Libtorch implements Peer {
  private static final Pattern ONEDNN = Pattern.compile("(?:oneDNN|MKL-DNN) v([0-9.]+)");

  private static final Pattern TORCH = Pattern.compile("TORCH_VERSION=([0-9.]+)");

  private final String name;
  private final String convolver;

  Libtorch(int threads) {
    torch.set_num_threads(threads);
    if (!torch.hasMKLDNN()) {
      throw new IllegalStateException("this libtorch was built without oneDNN");
    }
    String build = torch.show_config().getString();
    name = "libtorch " + version(TORCH, build);
    convolver = "oneDNN " + version(ONEDNN, build);
  }

  private static String version(Pattern pattern, String text) {
    Matcher version = pattern.matcher(text);
    return version.find() ? version.group(1) : "of unknown version";
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String convolver() {
    return convolver;
  }

  @Override
  public Work blockInference(Problem.Block problem) {
    return new TorchBlock(problem, false);
  }

  @Override
  public Work blockBackward(Problem.Block problem) {
    return new TorchBlock(problem, true);
  }

  @Override
  public Work convolution(Problem.Block problem, boolean keepLayout) {
    return new TorchConvolution(problem, keepLayout);
  }

  @Override
  public Work contrast(Problem.Contrast problem) {
    return new TorchContrast(problem);
  }

  @Override
  public Work training(Problem.Network problem) {
    return new TorchStep(problem);
  }

  @Override
  public Work inference(Problem.Network problem) {
    return new Inference(problem);
  }

  /** Windows to the missing leads. */
  private static final class Inference implements Work {
    private final TorchNetwork network;
    private final Tensor inputs;

    Inference(Problem.Network problem) {
      NetworkConfig config = problem.config();
      network = new TorchNetwork(problem, false);
      inputs =
          Torch.channelsFirst(
              problem.inputs(), problem.batch(), config.window(), config.inputs().size());
    }

    @Override
    public void run() {
      try (PointerScope _ = new PointerScope();
          InferenceMode _ = new InferenceMode(true)) {
        network.forward(inputs, false);
      }
    }

    @Override
    public float[] result() {
      try (PointerScope _ = new PointerScope()) {
        return Torch.floats(network.forward(inputs, false).signal().transpose(1, 2));
      }
    }

    @Override
    public void close() {
      // JavaCPP frees what the collector finds.
    }
  }
}
