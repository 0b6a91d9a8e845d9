// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.List;
import java.util.Map;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Size;
import org.precordia.runtime.DType;
import org.precordia.runtime.DilatedStackOp;
import org.precordia.runtime.FilmOp;
import org.precordia.runtime.HeadOp;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.PoolProjectOp;
import org.precordia.runtime.StemOp;
import org.precordia.runtime.Tensor;

/** The ops of the network, on activations [B, L, C]. */
final class NetworkKernels {
  private static final int[] DILATIONS =
      NetworkConfig.of(Size.SMALL, List.of()).pathologyDilations();
  private static final String SIZES = "BLC";

  private NetworkKernels() {}

  static List<Kernel> all() {
    int blocks = DILATIONS.length;
    Map<String, String> six = Map.of("blocks", String.valueOf(blocks));
    return List.of(
        kernel("stem forward", Cost::stemForward, (b, s, p) -> stem(b, s, p, false)),
        kernel("stem backward", Cost::stemBackward, (b, s, p) -> stem(b, s, p, true)),
        new Kernel(
            "dilated_stack inference",
            Kernel.BOTH,
            SIZES,
            six,
            (s, e) -> Cost.stackForward(s, e, blocks),
            (b, s, p) -> stack(b, s, p, true, false)),
        new Kernel(
            "dilated_stack forward",
            Kernel.BOTH,
            SIZES,
            six,
            (s, e) -> Cost.stackForward(s, e, blocks),
            (b, s, p) -> stack(b, s, p, false, false)),
        new Kernel(
            "dilated_stack backward",
            Kernel.BOTH,
            SIZES,
            six,
            (s, e) -> Cost.stackBackward(s, e, blocks),
            (b, s, p) -> stack(b, s, p, false, true)),
        kernel("pool_project forward", Cost::poolForward, (b, s, p) -> pool(b, s, p, false)),
        kernel("pool_project backward", Cost::poolBackward, (b, s, p) -> pool(b, s, p, true)),
        kernel("film forward", Cost::filmForward, (b, s, p) -> film(b, s, p, false)),
        kernel("film backward", Cost::filmBackward, (b, s, p) -> film(b, s, p, true)),
        kernel("head forward", Cost::headForward, (b, s, p) -> head(b, s, p, false)),
        kernel("head backward", Cost::headBackward, (b, s, p) -> head(b, s, p, true)));
  }

  private static Kernel kernel(
      String subject, Kernel.CostFormula cost, Kernel.Preparation preparation) {
    return new Kernel(subject, Kernel.BOTH, SIZES, cost, preparation);
  }

  private static Tensor activation(Workbench bench, Shape s, Precision precision) {
    return bench.normal(precision.storage(), s.batch(), s.length(), s.channels());
  }

  private static PackOp.Entry entry(
      PackOp.Kind kind, Precision precision, Shape s, int leads, int blocks) {
    return new PackOp.Entry(kind, precision.storage(), s.channels(), leads, blocks);
  }

  private static Kernel.Prepared stem(Workbench bench, Shape s, Precision precision, boolean back) {
    Tensor parameters = bench.normal(DType.F32, 7L * Shape.LEADS * s.channels() + s.channels());
    StemOp op =
        new StemOp(bench.arena())
            .input(bench.normal(DType.F32, s.batch(), s.length(), Shape.LEADS))
            .parameters(parameters)
            .packed(bench.packed(entry(PackOp.Kind.STEM, precision, s, Shape.LEADS, 0), parameters))
            .output(activation(bench, s, precision));
    if (back) {
      op.outputGrad(activation(bench, s, precision))
          .parameterGrad(bench.empty(DType.F32, parameters.count()));
    }
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    return Kernel.Prepared.of(
        back ? () -> op.backward(bench.stream()) : () -> op.forward(bench.stream()));
  }

  private static Kernel.Prepared stack(
      Workbench bench, Shape s, Precision precision, boolean inference, boolean back) {
    long width = s.channels();
    Tensor parameters =
        scaled(bench, DILATIONS.length * (4 * width * width + 4 * width), s.channels());
    DilatedStackOp op =
        new DilatedStackOp(bench.arena())
            .inference(inference)
            .dilations(DILATIONS)
            .input(activation(bench, s, precision))
            .parameters(parameters)
            .packed(
                bench.packed(
                    entry(PackOp.Kind.DILATED_STACK, precision, s, 0, DILATIONS.length),
                    parameters))
            .output(activation(bench, s, precision));
    Tensor gradient = back ? activation(bench, s, precision) : null;
    if (back) {
      op.outputGrad(gradient)
          .inputGrad(activation(bench, s, precision))
          .parameterGrad(bench.empty(DType.F32, parameters.count()));
    }
    if (!inference) {
      op.saved(bench.bytes(op.savedSize(bench.stream().context())));
    }
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    if (!back) {
      return Kernel.Prepared.of(() -> op.forward(bench.stream()));
    }
    op.forward(bench.stream());
    return new Kernel.Prepared(() -> op.backward(bench.stream()), bench.renewal(gradient));
  }

  /** Weights of the size that keeps activations at theirs. */
  private static Tensor scaled(Workbench bench, long count, int channels) {
    float[] values = new float[Math.toIntExact(count)];
    double deviation = 1 / Math.sqrt(3.0 * channels);
    var draw = bench.generator();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * draw.nextGaussian());
    }
    Tensor tensor = bench.empty(DType.F32, count);
    tensor.upload(bench.stream(), values);
    return tensor;
  }

  private static Kernel.Prepared pool(Workbench bench, Shape s, Precision precision, boolean back) {
    long width = s.channels();
    int embedding = Shape.EMBEDDING;
    Tensor parameters =
        scaled(bench, width * width + 3 * width + embedding * width + embedding, s.channels());
    PoolProjectOp op =
        new PoolProjectOp(bench.arena())
            .input(activation(bench, s, precision))
            .parameters(parameters)
            .packed(
                bench.packed(
                    entry(PackOp.Kind.POOL_PROJECT, precision, s, embedding, 0), parameters))
            .h(bench.empty(DType.F32, s.batch(), width))
            .z(bench.empty(DType.F32, s.batch(), embedding));
    if (back) {
      op.hGrad(bench.normal(DType.F32, s.batch(), width))
          .zGrad(bench.normal(DType.F32, s.batch(), embedding))
          .inputGrad(activation(bench, s, precision))
          .parameterGrad(bench.empty(DType.F32, parameters.count()));
    }
    op.saved(bench.bytes(op.savedSize(bench.stream().context())));
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    op.forward(bench.stream());
    return Kernel.Prepared.of(
        back ? () -> op.backward(bench.stream()) : () -> op.forward(bench.stream()));
  }

  private static Kernel.Prepared film(Workbench bench, Shape s, Precision precision, boolean back) {
    long width = s.channels();
    Tensor parameters = scaled(bench, 2 * width * width + 2 * width, s.channels());
    FilmOp op =
        new FilmOp(bench.arena())
            .input(activation(bench, s, precision))
            .h(bench.normal(DType.F32, s.batch(), width))
            .parameters(parameters)
            .packed(bench.packed(entry(PackOp.Kind.FILM, precision, s, 0, 0), parameters))
            .output(activation(bench, s, precision));
    if (back) {
      op.outputGrad(activation(bench, s, precision))
          .inputGrad(activation(bench, s, precision))
          .hGrad(bench.empty(DType.F32, s.batch(), width))
          .parameterGrad(bench.empty(DType.F32, parameters.count()));
    }
    op.saved(bench.bytes(op.savedSize(bench.stream().context())));
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    op.forward(bench.stream());
    return Kernel.Prepared.of(
        back ? () -> op.backward(bench.stream()) : () -> op.forward(bench.stream()));
  }

  private static Kernel.Prepared head(Workbench bench, Shape s, Precision precision, boolean back) {
    long width = s.channels();
    int targets = Shape.TARGETS;
    Tensor parameters = scaled(bench, (targets + 2) * width + targets, s.channels());
    HeadOp op =
        new HeadOp(bench.arena())
            .input(activation(bench, s, precision))
            .signal(bench.normal(DType.F32, s.batch(), s.length(), Shape.LEADS))
            .parameters(parameters)
            .anchor(bench.normal(DType.F32, (long) targets * Shape.LEADS + targets))
            .packed(bench.packed(entry(PackOp.Kind.HEAD, precision, s, targets, 0), parameters))
            .output(bench.empty(DType.F32, s.batch(), s.length(), targets));
    if (back) {
      op.outputGrad(bench.normal(DType.F32, s.batch(), s.length(), targets))
          .inputGrad(activation(bench, s, precision))
          .parameterGrad(bench.empty(DType.F32, parameters.count()));
    }
    op.saved(bench.bytes(op.savedSize(bench.stream().context())));
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    op.forward(bench.stream());
    return Kernel.Prepared.of(
        back ? () -> op.backward(bench.stream()) : () -> op.forward(bench.stream()));
  }
}
