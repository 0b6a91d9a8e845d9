// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.precordia.model.ParameterGroup.UNetLevel;
import org.precordia.runtime.Context;
import org.precordia.runtime.ConvolutionOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.DilatedStackOp;
import org.precordia.runtime.HeadOp;
import org.precordia.runtime.LstmOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.StemOp;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * A U-Net over time (Ronneberger et al. 2015), or one with an LSTM at its lowest rate, with the
 * model's stem, blocks, head and anchor. A concatenation and a pointwise convolution of it are the
 * sum of two convolutions: the one of what comes up is part of the transposed convolution, the one
 * of the skip is added to it.
 */
final class UNetBranch implements ReconstructionBranch {
  private final Arena arena;
  private final Weights weights;
  private final boolean inference;
  private final StemOp stem;
  private final List<Level> levels = new ArrayList<>();
  private final DilatedStackOp bottomBlock;
  private final LstmOp bottomLstm;
  private final HeadOp head;
  private Gradients gradients;

  /** The ops of one level. */
  private record Level(
      UNetLevel groups,
      DilatedStackOp encoder,
      ConvolutionOp down,
      ConvolutionOp skip,
      ConvolutionOp up,
      DilatedStackOp decoder) {}

  /**
   * Prepares the ops and their activations.
   *
   * @param outputGrad gradient of the output for backward, or null for inference
   */
  UNetBranch(
      Arena arena,
      Resources resources,
      Weights weights,
      Tensor inputs,
      Tensor output,
      Tensor outputGrad) {
    NetworkConfig config = weights.config();
    this.arena = arena;
    this.weights = weights;
    this.inference = outputGrad == null;
    IntFunction<Tensor> activation = level -> activation(resources, inputs, level);

    // Gradients of what the encoder's and the decoder's side of each level hold.
    List<Tensor> downGrads = new ArrayList<>();
    List<Tensor> upGrads = new ArrayList<>();
    for (int level = 0; level <= UNetShape.LEVELS; level++) {
      downGrads.add(inference ? null : activation.apply(level));
      upGrads.add(inference ? null : activation.apply(level));
    }

    List<Tensor> entered = new ArrayList<>();
    List<Tensor> encoded = new ArrayList<>();
    entered.add(activation.apply(0));
    stem =
        new StemOp(arena)
            .input(inputs)
            .parameters(weights.values(ParameterGroup.WAVEFORM_STEM))
            .packed(weights.packed(ParameterGroup.WAVEFORM_STEM))
            .output(entered.getFirst())
            .outputGrad(downGrads.getFirst());
    for (int level = 0; level < UNetShape.LEVELS; level++) {
      encoded.add(activation.apply(level));
      entered.add(activation.apply(level + 1));
    }
    Tensor bottom = activation.apply(UNetShape.LEVELS);
    boolean lstm = config.architecture() == Architecture.LSTM_UNET;
    bottomLstm = lstm ? lstm(entered.getLast(), bottom, downGrads, upGrads) : null;
    bottomBlock =
        lstm
            ? null
            : block(ParameterGroup.BOTTOM, entered.getLast(), bottom, upGrads.getLast())
                .inputGrad(downGrads.getLast());

    Tensor below = bottom;
    for (UNetLevel groups : ParameterGroup.levels().reversed()) {
      int at = groups.index();
      Tensor skipped = encoded.get(at);
      Tensor joined = activation.apply(at);
      Tensor decoded = activation.apply(at);
      Tensor downGrad = downGrads.get(at);
      Tensor upGrad = upGrads.get(at);
      levels.addFirst(
          new Level(
              groups,
              block(groups.encoder(), entered.get(at), skipped, downGrad),
              convolution(groups.down())
                  .taps(UNetShape.DOWN_TAPS, UNetShape.STRIDE, UNetShape.DOWN_PADDING)
                  .input(skipped)
                  .output(entered.get(at + 1))
                  .outputGrad(downGrads.get(at + 1))
                  .inputGrad(downGrad)
                  .accumulateInput(true),
              convolution(groups.skip())
                  .taps(1, 1, 0)
                  .input(skipped)
                  .output(joined)
                  .outputGrad(upGrad)
                  .inputGrad(downGrad),
              convolution(groups.up())
                  .taps(UNetShape.UP_TAPS, UNetShape.STRIDE, 0)
                  .transposed(true)
                  .input(below)
                  .addend(joined)
                  .output(joined)
                  .outputGrad(upGrad)
                  .inputGrad(upGrads.get(at + 1)),
              block(groups.decoder(), joined, decoded, upGrad)));
      below = decoded;
    }
    head =
        new HeadOp(arena)
            .inference(inference)
            .input(below)
            .parameters(weights.values(ParameterGroup.HEAD))
            .packed(weights.packed(ParameterGroup.HEAD))
            .signal(config.anchor() ? inputs : null)
            .anchor(weights.anchor())
            .output(output)
            .outputGrad(outputGrad)
            .inputGrad(upGrads.getFirst());
  }

  private Tensor activation(Resources resources, Tensor inputs, int level) {
    UNetShape shape = new UNetShape(weights.config().width());
    long samples = UNetShape.length(weights.config().window(), level);
    return resources.allocate(
        weights.stream(), DType.F32, inputs.extent(0), samples, shape.width(level));
  }

  private DilatedStackOp block(ParameterGroup group, Tensor input, Tensor output, Tensor gradient) {
    return new DilatedStackOp(arena)
        .inference(inference)
        .dilations(1)
        .parameters(weights.values(group))
        .packed(weights.packed(group))
        .input(input)
        .output(output)
        .outputGrad(gradient)
        .inputGrad(gradient);
  }

  private ConvolutionOp convolution(ParameterGroup group) {
    return new ConvolutionOp(arena).parameters(weights.values(group));
  }

  private LstmOp lstm(Tensor input, Tensor output, List<Tensor> downGrads, List<Tensor> upGrads) {
    return new LstmOp(arena)
        .inference(inference)
        .directions(UNetShape.DIRECTIONS)
        .parameters(weights.values(ParameterGroup.BOTTOM))
        .input(input)
        .output(output)
        .outputGrad(upGrads.getLast())
        .inputGrad(downGrads.getLast());
  }

  @Override
  public void gradientOfH(Tensor gradient, boolean add) {
    throw new IllegalStateException("nothing modulates a U-Net");
  }

  @Override
  public void gradients(Gradients gradients) {
    this.gradients = gradients;
    boolean accumulate = gradients.accumulates();
    stem.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.WAVEFORM_STEM));
    for (Level level : levels) {
      UNetLevel groups = level.groups();
      level.encoder().accumulate(accumulate).parameterGrad(gradients.of(groups.encoder()));
      level.down().accumulate(accumulate).parameterGrad(gradients.of(groups.down()));
      level.skip().accumulate(accumulate).parameterGrad(gradients.of(groups.skip()));
      level.up().accumulate(accumulate).parameterGrad(gradients.of(groups.up()));
      level.decoder().accumulate(accumulate).parameterGrad(gradients.of(groups.decoder()));
    }
    Tensor bottom = gradients.of(ParameterGroup.BOTTOM);
    if (bottomLstm != null) {
      bottomLstm.accumulate(accumulate).parameterGrad(bottom);
    } else {
      bottomBlock.accumulate(accumulate).parameterGrad(bottom);
    }
    head.accumulate(accumulate).parameterGrad(gradients.of(ParameterGroup.HEAD));
  }

  @Override
  public void plan(Stream stream, Resources resources, Scratch scratch, boolean training) {
    Context context = stream.context();
    scratch.need(stem.workspaceSize(context), stem::workspace);
    for (Level level : levels) {
      plan(level.encoder(), stream, resources, scratch, training);
      scratch.need(level.down().workspaceSize(context), level.down()::workspace);
      scratch.need(level.skip().workspaceSize(context), level.skip()::workspace);
      scratch.need(level.up().workspaceSize(context), level.up()::workspace);
      plan(level.decoder(), stream, resources, scratch, training);
    }
    if (bottomLstm != null) {
      scratch.need(bottomLstm.workspaceSize(context), bottomLstm::workspace);
      if (training) {
        bottomLstm.saved(PathologyBranch.saved(stream, resources, bottomLstm.savedSize(context)));
      }
    } else {
      plan(bottomBlock, stream, resources, scratch, training);
    }
    scratch.need(head.workspaceSize(context), head::workspace);
    if (training) {
      head.saved(PathologyBranch.saved(stream, resources, head.savedSize(context)));
    }
  }

  private static void plan(
      DilatedStackOp block, Stream stream, Resources resources, Scratch scratch, boolean training) {
    Context context = stream.context();
    scratch.need(block.workspaceSize(context), block::workspace);
    if (training) {
      block.saved(PathologyBranch.saved(stream, resources, block.savedSize(context)));
    }
  }

  @Override
  public void forward(Stream stream) {
    stem.forward(stream);
    for (Level level : levels) {
      level.encoder().forward(stream);
      level.down().forward(stream);
    }
    if (bottomLstm != null) {
      bottomLstm.forward(stream);
    } else {
      bottomBlock.forward(stream);
    }
    for (Level level : levels.reversed()) {
      level.skip().forward(stream);
      level.up().forward(stream);
      level.decoder().forward(stream);
    }
    head.forward(stream);
  }

  @Override
  public void backward(Stream stream) {
    Consumer<ParameterGroup> written = gradients.written();
    head.backward(stream);
    written.accept(ParameterGroup.HEAD);
    for (Level level : levels) {
      level.decoder().backward(stream);
      written.accept(level.groups().decoder());
      level.skip().backward(stream);
      written.accept(level.groups().skip());
      level.up().backward(stream);
      written.accept(level.groups().up());
    }
    if (bottomLstm != null) {
      bottomLstm.backward(stream);
    } else {
      bottomBlock.backward(stream);
    }
    written.accept(ParameterGroup.BOTTOM);
    for (Level level : levels.reversed()) {
      level.down().backward(stream);
      written.accept(level.groups().down());
      level.encoder().backward(stream);
      written.accept(level.groups().encoder());
    }
    stem.backward(stream);
    written.accept(ParameterGroup.WAVEFORM_STEM);
  }
}
