// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.precordia.model.Precision;
import org.precordia.runtime.ClassifierOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.ReconstructionLossOp;
import org.precordia.runtime.RidgeOp;
import org.precordia.runtime.SupConOp;
import org.precordia.runtime.SupConTarget;
import org.precordia.runtime.Tensor;

/** Losses, the classifier, and the normal equations of the anchor. */
final class LossKernels {
  private LossKernels() {}

  static List<Kernel> all() {
    List<Kernel> kernels = new ArrayList<>();
    kernels.add(
        new Kernel(
            "reconstruction_loss",
            Kernel.SINGLE,
            "BL",
            (s, e) -> Cost.reconstructionLoss(s),
            (b, s, p) -> reconstruction(b, s)));
    for (SupConTarget target : SupConTarget.values()) {
      Map<String, String> setting = Map.of("target", target.name().toLowerCase(Locale.ROOT));
      kernels.add(
          new Kernel(
              "supcon forward",
              Kernel.BOTH,
              "N",
              setting,
              (s, e) -> Cost.supconForward(s),
              (b, s, p) -> contrast(b, s, p, target, false)));
      kernels.add(
          new Kernel(
              "supcon backward",
              Kernel.BOTH,
              "N",
              setting,
              (s, e) -> Cost.supconBackward(s),
              (b, s, p) -> contrast(b, s, p, target, true)));
    }
    kernels.add(
        new Kernel(
            "classifier forward",
            Kernel.SINGLE,
            "BC",
            (s, e) -> Cost.classifierForward(s),
            (b, s, p) -> classifier(b, s, false)));
    kernels.add(
        new Kernel(
            "classifier backward",
            Kernel.SINGLE,
            "BC",
            (s, e) -> Cost.classifierBackward(s),
            (b, s, p) -> classifier(b, s, true)));
    kernels.add(
        new Kernel(
            "ridge", Kernel.SINGLE, "BL", (s, e) -> Cost.ridge(s), (b, s, p) -> ridge(b, s)));
    return kernels;
  }

  private static Kernel.Prepared reconstruction(Workbench bench, Shape s) {
    ReconstructionLossOp op =
        new ReconstructionLossOp(bench.arena())
            .mseWeight(0.8f)
            .l1Weight(0.2f)
            .gradientScale(1)
            .prediction(bench.normal(DType.F32, s.batch(), s.length(), Shape.TARGETS))
            .state(bench.state(s.batch()))
            .loss(bench.empty(DType.F32, 3))
            .predictionGrad(bench.empty(DType.F32, s.batch(), s.length(), Shape.TARGETS));
    // Other draws than the prediction's: equal numbers would have no error.
    Tensor target = bench.empty(DType.F32, s.batch(), s.length(), Shape.TARGETS);
    float[] values = new float[Math.toIntExact(target.count())];
    var draw = bench.generator();
    for (int i = 0; i < values.length; i++) {
      values[i] = draw.nextFloat() - 0.5f;
    }
    target.upload(bench.stream(), values);
    op.target(target);
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  private static Kernel.Prepared contrast(
      Workbench bench, Shape s, Precision precision, SupConTarget target, boolean back) {
    int n = s.entries();
    Tensor groups = bench.empty(DType.I32, n);
    groups.upload(bench.stream(), IntStream.range(0, n).toArray());
    SupConOp op =
        new SupConOp(bench.arena())
            .target(target)
            .fastProducts(precision == Precision.BF16)
            .temperature(0.07f)
            .rowBegin(0)
            .rowEnd(n)
            .z(bench.unitRows(n, Shape.EMBEDDING))
            .labels(bench.labels(n))
            .groups(groups)
            .state(bench.state(n))
            .statistics(bench.empty(DType.F32, n, 4))
            .loss(bench.empty(DType.F32, 3))
            .zGrad(bench.empty(DType.F32, n, Shape.EMBEDDING));
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    op.forward(bench.stream());
    return Kernel.Prepared.of(
        back ? () -> op.backward(bench.stream()) : () -> op.forward(bench.stream()));
  }

  private static Kernel.Prepared classifier(Workbench bench, Shape s, boolean back) {
    int labels = Shape.LABELS;
    Tensor parameters = bench.normal(DType.F32, (long) labels * s.channels() + labels);
    PackOp.Entry entry =
        new PackOp.Entry(PackOp.Kind.CLASSIFIER, DType.F32, s.channels(), labels, 0);
    ClassifierOp op =
        new ClassifierOp(bench.arena())
            .gradientScale(1)
            .h(bench.normal(DType.F32, s.batch(), s.channels()))
            .labels(bench.labels(s.batch()))
            .parameters(parameters)
            .packed(bench.packed(entry, parameters))
            .state(bench.state(s.batch()))
            .logits(bench.empty(DType.F32, s.batch(), labels))
            .loss(bench.empty(DType.F32, 1))
            .hGrad(bench.empty(DType.F32, s.batch(), s.channels()))
            .parameterGrad(bench.empty(DType.F32, parameters.count()));
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    op.forward(bench.stream());
    return Kernel.Prepared.of(
        back ? () -> op.backward(bench.stream()) : () -> op.forward(bench.stream()));
  }

  private static Kernel.Prepared ridge(Workbench bench, Shape s) {
    int terms = Shape.LEADS + 1;
    Tensor gram = bench.empty(DType.F64, terms, terms);
    gram.upload(bench.stream(), new double[terms * terms]);
    Tensor moment = bench.empty(DType.F64, terms, Shape.TARGETS);
    moment.upload(bench.stream(), new double[terms * Shape.TARGETS]);
    RidgeOp op =
        new RidgeOp(bench.arena())
            .inputs(bench.normal(DType.F32, s.batch(), s.length(), Shape.LEADS))
            .targets(bench.normal(DType.F32, s.batch(), s.length(), Shape.TARGETS))
            .gram(gram)
            .moment(moment);
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }
}
