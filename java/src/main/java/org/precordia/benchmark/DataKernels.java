// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.precordia.data.Lead;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.NetworkConfig;
import org.precordia.model.ParameterLayout;
import org.precordia.model.Precision;
import org.precordia.model.Weights;
import org.precordia.runtime.AdamWOp;
import org.precordia.runtime.CastOp;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.MetricsOp;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.PackOp;
import org.precordia.runtime.StepBeginOp;
import org.precordia.runtime.Tensor;

/** What brings data in, updates parameters, keeps the books of a step, and moves memory. */
final class DataKernels {
  private static final int RECORDS = 64;
  private static final int RECORD_LENGTH = 1000;

  private DataKernels() {}

  static List<Kernel> all() {
    return List.of(
        new Kernel(
            "gather_augment",
            Kernel.SINGLE,
            "BL",
            (s, e) -> Cost.gather(s),
            (b, s, p) -> gather(b, s)),
        new Kernel(
            "adamw",
            Kernel.SINGLE,
            "C",
            (s, e) -> Cost.adamw(layout(s).trainableCount()),
            (b, s, p) -> adamw(b, s)),
        new Kernel(
            "pack",
            Kernel.BOTH,
            "C",
            (s, e) -> Cost.pack(layout(s).trainableCount(), e),
            DataKernels::pack),
        new Kernel(
            "step_begin", Kernel.SINGLE, "", (s, e) -> Cost.stepBegin(), (b, s, p) -> begin(b)),
        new Kernel("metrics", Kernel.SINGLE, "", (s, e) -> Cost.metrics(), (b, s, p) -> metrics(b)),
        new Kernel(
            "fill",
            Kernel.BOTH,
            "BLC",
            (s, e) -> Cost.moved((double) e * s.elements()),
            DataKernels::fill),
        new Kernel(
            "cast",
            Kernel.BOTH,
            "BLC",
            (s, e) -> Cost.moved((double) (DType.F32.bytes() + DType.BF16.bytes()) * s.elements()),
            DataKernels::cast),
        new Kernel(
            "copy",
            Kernel.BOTH,
            "BLC",
            (s, e) -> Cost.moved(2.0 * e * s.elements()),
            DataKernels::copy));
  }

  /** The default network at a width, with as many labels as other ops have. */
  private static NetworkConfig network(Shape s) {
    return new NetworkConfig(
        s.channels(),
        NetworkConfig.DEFAULT_INPUTS,
        NetworkConfig.DEFAULT_TARGETS,
        NetworkConfig.DEFAULT_WINDOW,
        Shape.EMBEDDING,
        IntStream.range(0, Shape.LABELS).mapToObj(i -> "label " + i).toList(),
        Architecture.DILATED,
        Conditioning.EMBEDDING,
        true);
  }

  private static ParameterLayout layout(Shape s) {
    return new ParameterLayout(network(s));
  }

  private static Kernel.Prepared gather(Workbench bench, Shape s) {
    int length = Math.max(RECORD_LENGTH, 2 * s.length());
    int perRecord = Shape.STORED * length;
    int entries = 16 * s.batch();
    Tensor records = bench.empty(DType.I64, RECORDS, 2);
    records.upload(
        bench.stream(),
        IntStream.range(0, 2 * RECORDS)
            .mapToLong(i -> i % 2 == 0 ? (long) (i / 2) * perRecord : length)
            .toArray());
    Tensor index = bench.empty(DType.I32, entries, 2);
    int[] drawn = bench.below(RECORDS, 2 * entries);
    index.upload(bench.stream(), drawn);
    GatherAugmentOp op =
        new GatherAugmentOp(bench.arena())
            .freeCrop(true)
            .gainSd(0.12f)
            .stretchProbability(0.5f)
            .stretchSd(0.08f)
            .noiseSd(0.02f)
            .microvoltPerCount(1)
            .state(bench.state(s.batch()))
            .samples(samples(bench, RECORDS * perRecord))
            .records(records)
            .recordLabels(bench.labels(RECORDS))
            .index(index)
            .inputMix(mix(bench, NetworkConfig.DEFAULT_INPUTS))
            .targetMix(mix(bench, NetworkConfig.DEFAULT_TARGETS))
            .mean(constant(bench, Shape.LEADS, 0.01f))
            .deviation(constant(bench, Shape.LEADS, 0.2f))
            .inputs(bench.empty(DType.F32, s.batch(), s.length(), Shape.LEADS))
            .targets(bench.empty(DType.F32, s.batch(), s.length(), Shape.TARGETS))
            .labels(bench.empty(DType.U64, s.batch(), 1))
            .groups(bench.empty(DType.I32, s.batch()));
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  /** Random counts of some hundred microvolts. */
  private static Tensor samples(Workbench bench, int count) {
    SplittableRandom draw = bench.generator();
    Tensor tensor = bench.empty(DType.I16, count);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counts = arena.allocate(ValueLayout.JAVA_SHORT, count);
      for (int i = 0; i < count; i++) {
        counts.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) draw.nextInt(-900, 900));
      }
      tensor.upload(bench.stream(), counts);
    }
    return tensor;
  }

  private static Tensor mix(Workbench bench, List<Lead> leads) {
    Tensor tensor = bench.empty(DType.F32, leads.size(), Shape.STORED);
    tensor.upload(bench.stream(), NetworkConfig.mix(leads));
    return tensor;
  }

  private static Tensor constant(Workbench bench, int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    Tensor tensor = bench.empty(DType.F32, count);
    tensor.upload(bench.stream(), values);
    return tensor;
  }

  private static Kernel.Prepared adamw(Workbench bench, Shape s) {
    long count = layout(s).trainableCount();
    Tensor segments = bench.empty(DType.I64, 2);
    segments.upload(bench.stream(), new long[] {0, count});
    Tensor second = bench.empty(DType.F32, count);
    // Squares of gradients: not negative.
    new FillOp(bench.arena()).value(0.5).tensor(second).run(bench.stream());
    AdamWOp op =
        new AdamWOp(bench.arena())
            .beta1(0.9f)
            .beta2(0.999f)
            .epsilon(1e-8f)
            .weightDecay(0.05f)
            .clipNorm(1)
            .averageDecay(0.995f)
            .parameters(bench.normal(DType.F32, count))
            .gradients(bench.normal(DType.F32, count))
            .firstMoment(bench.normal(DType.F32, count))
            .secondMoment(second)
            .average(bench.normal(DType.F32, count))
            .segments(segments)
            .decay(constant(bench, 1, 1))
            .state(bench.state(1));
    bench.scratch().need(op.workspaceSize(bench.stream().context()), op::workspace);
    bench.ready();
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  private static Kernel.Prepared pack(Workbench bench, Shape s, Precision precision) {
    Weights weights = bench.own(new Weights(bench.stream(), network(s), precision.storage()));
    bench.renewal(weights.values()).run();
    PackOp op = weights.packOp(bench.arena(), weights.layout().groups());
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  private static Kernel.Prepared begin(Workbench bench) {
    StepBeginOp op =
        new StepBeginOp(bench.arena())
            .peak(1e-4f)
            .total(1 << 20)
            .batch(1)
            .beta1(0.9)
            .beta2(0.999)
            .state(bench.state(1));
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  private static Kernel.Prepared metrics(Workbench bench) {
    MetricsOp op =
        new MetricsOp(bench.arena())
            .state(bench.state(1))
            .reconstruction(bench.normal(DType.F32, 3))
            .contrastive(bench.normal(DType.F32, 3))
            .classifier(bench.normal(DType.F32, 1))
            .ring(bench.empty(DType.U8, 64, MetricsRow.BYTES));
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  private static Kernel.Prepared fill(Workbench bench, Shape s, Precision precision) {
    FillOp op =
        new FillOp(bench.arena())
            .value(0.7)
            .tensor(bench.normal(precision.storage(), s.elements()));
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  /** From the other precision to this one. */
  private static Kernel.Prepared cast(Workbench bench, Shape s, Precision precision) {
    Precision from = precision == Precision.FP32 ? Precision.BF16 : Precision.FP32;
    CastOp op =
        new CastOp(bench.arena())
            .source(bench.normal(from.storage(), s.elements()))
            .target(bench.empty(precision.storage(), s.elements()));
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }

  private static Kernel.Prepared copy(Workbench bench, Shape s, Precision precision) {
    CopyOp op =
        new CopyOp(bench.arena())
            .source(bench.normal(precision.storage(), s.elements()))
            .target(bench.empty(precision.storage(), s.elements()));
    return Kernel.Prepared.of(() -> op.run(bench.stream()));
  }
}
