// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.util.function.Consumer;
import org.precordia.runtime.Context;
import org.precordia.runtime.DilatedStackOp;
import org.precordia.runtime.FilmOp;
import org.precordia.runtime.HeadOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StemOp;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** The model's own: waveform encoder, modulation by h, decoder, head and anchor. */
final class DilatedBranch implements ReconstructionBranch {
  private final StemOp stem;
  private final DilatedStackOp encoder;
  private final FilmOp film;
  private final DilatedStackOp decoder;
  private final HeadOp head;
  private Gradients gradients;

  /**
   * The branch's activations, each [B, L, C].
   *
   * @param stem written by the stem, read by the encoder
   * @param encoded written by the encoder, read by the modulation
   * @param modulated written by the modulation, read by the decoder; {@code encoded} itself in
   *     inference or without modulation
   * @param decoded written by the decoder, read by the head
   * @param gradient for backward, or null for inference
   */
  record Activations(
      Tensor stem, Tensor encoded, Tensor modulated, Tensor decoded, Tensor gradient) {}

  DilatedBranch(
      Arena arena,
      Weights weights,
      Network.Embeddings embeddings,
      Tensor inputs,
      Activations memory,
      Tensor output,
      Tensor outputGrad) {
    NetworkConfig config = weights.config();
    Tensor gradient = memory.gradient();
    boolean inference = gradient == null;
    stem =
        new StemOp(arena)
            .input(inputs)
            .parameters(weights.values(ParameterGroup.WAVEFORM_STEM))
            .packed(weights.packed(ParameterGroup.WAVEFORM_STEM))
            .output(memory.stem())
            .outputGrad(gradient);
    encoder =
        stack(arena, weights, ParameterGroup.WAVEFORM_BLOCKS, config.waveformDilations(), gradient)
            .input(memory.stem())
            .output(memory.encoded());
    film =
        config.modulated()
            ? new FilmOp(arena)
                .inference(inference)
                .input(memory.encoded())
                .h(embeddings.h())
                .parameters(weights.values(ParameterGroup.FILM))
                .packed(weights.packed(ParameterGroup.FILM))
                .output(memory.modulated())
                .outputGrad(gradient)
                .inputGrad(gradient)
            : null;
    decoder =
        stack(arena, weights, ParameterGroup.DECODER_BLOCKS, config.decoderDilations(), gradient)
            .input(memory.modulated())
            .output(memory.decoded());
    head =
        new HeadOp(arena)
            .inference(inference)
            .input(memory.decoded())
            .parameters(weights.values(ParameterGroup.HEAD))
            .packed(weights.packed(ParameterGroup.HEAD))
            .signal(config.anchor() ? inputs : null)
            .anchor(weights.anchor())
            .output(output)
            .outputGrad(outputGrad)
            .inputGrad(gradient);
  }

  private static DilatedStackOp stack(
      Arena arena, Weights weights, ParameterGroup group, int[] dilations, Tensor gradient) {
    return new DilatedStackOp(arena)
        .inference(gradient == null)
        .dilations(dilations)
        .parameters(weights.values(group))
        .packed(weights.packed(group))
        .outputGrad(gradient)
        .inputGrad(gradient);
  }

  @Override
  public void gradientOfH(Tensor gradient, boolean add) {
    film.hGrad(gradient).accumulateInput(add);
  }

  @Override
  public void gradients(Gradients gradients) {
    this.gradients = gradients;
    boolean accumulate = gradients.accumulates();
    stem.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.WAVEFORM_STEM));
    encoder.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.WAVEFORM_BLOCKS));
    if (film != null) {
      film.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.FILM));
    }
    decoder.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.DECODER_BLOCKS));
    head.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.HEAD));
  }

  @Override
  public void plan(Stream stream, Resources resources, Scratch scratch, boolean training) {
    Context context = stream.context();
    scratch.need(stem.workspaceSize(context), stem::workspace);
    scratch.need(encoder.workspaceSize(context), encoder::workspace);
    scratch.need(decoder.workspaceSize(context), decoder::workspace);
    scratch.need(head.workspaceSize(context), head::workspace);
    if (film != null) {
      scratch.need(film.workspaceSize(context), film::workspace);
    }
    if (training) {
      encoder.saved(PathologyBranch.saved(stream, resources, encoder.savedSize(context)));
      decoder.saved(PathologyBranch.saved(stream, resources, decoder.savedSize(context)));
      head.saved(PathologyBranch.saved(stream, resources, head.savedSize(context)));
      if (film != null) {
        film.saved(PathologyBranch.saved(stream, resources, film.savedSize(context)));
      }
    }
  }

  @Override
  public void forward(Stream stream) {
    stem.forward(stream);
    encoder.forward(stream);
    if (film != null) {
      film.forward(stream);
    }
    decoder.forward(stream);
    head.forward(stream);
  }

  @Override
  public void backward(Stream stream) {
    Consumer<ParameterGroup> written = gradients.written();
    head.backward(stream);
    written.accept(ParameterGroup.HEAD);
    decoder.backward(stream);
    written.accept(ParameterGroup.DECODER_BLOCKS);
    if (film != null) {
      film.backward(stream);
      written.accept(ParameterGroup.FILM);
    }
    encoder.backward(stream);
    written.accept(ParameterGroup.WAVEFORM_BLOCKS);
    stem.backward(stream);
    written.accept(ParameterGroup.WAVEFORM_STEM);
  }
}
