// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterGroup;
import org.precordia.model.ParameterTensor;

/** The network of docs/model.md in libtorch, with the parameters' names. */
final class TorchNetwork {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final List<ParameterTensor> tensors;
  private final NetworkConfig config;

  /**
   * What the network makes of windows.
   *
   * @param signal [B, targets, L]
   * @param z unit embeddings
   * @param logits of the labels
   */
  record Output(Tensor signal, Tensor z, Tensor logits) {}

  TorchNetwork(Problem.Network problem, boolean trained) {
    config = problem.config();
    tensors = problem.tensors();
    for (ParameterTensor tensor : tensors) {
      Tensor values =
          Torch.part(problem.parameters(), Math.toIntExact(tensor.offset()), tensor.shape());
      values.set_requires_grad(trained && tensor.group() != ParameterGroup.ANCHOR);
      parameters.put(tensor.name(), values);
    }
  }

  /** What gradients train. */
  TensorVector trained() {
    return new TensorVector(
        tensors.stream()
            .filter(tensor -> tensor.group() != ParameterGroup.ANCHOR)
            .map(tensor -> parameters.get(tensor.name()))
            .toArray(Tensor[]::new));
  }

  private Tensor p(String name) {
    return parameters.get(name);
  }

  private Tensor linear(String name, Tensor x) {
    return torch.linear(x, p(name + ".weight"), new TensorOptional(p(name + ".bias")));
  }

  private Tensor pointwise(String name, Tensor x) {
    return Torch.convolve(x, p(name + ".weight"), p(name + ".bias"), 1);
  }

  private Tensor blocks(String name, int[] dilations, Tensor x) {
    Tensor y = x;
    for (int i = 0; i < dilations.length; i++) {
      String block = name + ".blocks." + i;
      Tensor[] of = {
        p(block + ".conv.weight"),
        p(block + ".conv.bias"),
        p(block + ".norm.weight"),
        p(block + ".norm.bias"),
        p(block + ".pointwise.weight"),
        p(block + ".pointwise.bias")
      };
      y = Torch.block(y, of, dilations[i]);
    }
    return y;
  }

  private Tensor norm(String name, Tensor x) {
    return Torch.normalise(x, p(name + ".weight"), p(name + ".bias"));
  }

  private Tensor embed(Tensor h) {
    Tensor projected = linear("projection.1", torch.gelu(linear("projection.0", h), "tanh"));
    return projected.div(projected.square().sum(new long[] {1}, true, null).sqrt());
  }

  /**
   * Forward.
   *
   * @param x [B, leads, L]
   * @param heads whether embeddings and logits are wanted
   */
  Output forward(Tensor x, boolean heads) {
    Tensor encoded =
        blocks("pathology", config.pathologyDilations(), pointwise("pathology.stem", x));
    Tensor h = norm("pathology_norm", encoded).mean(1);
    Tensor waveform = blocks("waveform", config.waveformDilations(), pointwise("waveform.stem", x));
    TensorVector film = torch.chunk(linear("film", h).unsqueeze(2), 2, 1);
    Tensor modulated = waveform.mul(film.get(0).add(new Scalar(1f))).add(film.get(1));
    Tensor decoded =
        norm("decoder_norm", blocks("decoder", config.decoderDilations(), modulated))
            .transpose(1, 2);
    Tensor signal = pointwise("head", decoded).add(pointwise("anchor", x));
    return new Output(signal, heads ? embed(h) : null, heads ? linear("classifier", h) : null);
  }
}
