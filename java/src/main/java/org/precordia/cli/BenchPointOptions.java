// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.List;
import java.util.Locale;
import org.precordia.benchmark.StepBenchmark;
import org.precordia.benchmark.StepPoint;
import org.precordia.model.Precision;
import org.precordia.model.Size;
import org.precordia.runtime.Backend;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of benchmarks of whole passes: where, at which sizes, for how long. */
final class BenchPointOptions {
  @Mixin ComputeOptions compute;

  @Option(
      names = "--size",
      defaultValue = "small",
      paramLabel = "small|base|large",
      description = "Width of the network: 64, 128 or 256 channels. Default: small")
  Size size;

  @Option(
      names = "--length",
      defaultValue = "256",
      paramLabel = "N",
      description = "Samples of a window. Default: 256")
  int length;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "fp32|bf16",
      description = "Storage of activations. Default: fp32")
  Precision precision;

  @Option(
      names = "--scaling",
      paramLabel = "batch|length|width|threads|strong|weak",
      description =
          "A series: what changes from one point to the next. strong, weak (training): the ranks of"
              + " this job, of a step with as many windows, or of a rank.")
  Series series;

  @Option(
      names = "--points",
      split = ",",
      paramLabel = "N",
      description =
          "The sizes of the series. Default: 16,32,64,128,256 windows; 128,256,512,1024 samples;"
              + " 64,128,256 channels; 1, 2, 4, ... threads or ranks up to all")
  List<Integer> sizes = List.of();

  @Option(
      names = "--time-budget",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description =
          "Time to spend on passes. Every point is measured in every round even where that takes"
              + " longer. Default: 30")
  double seconds;

  /** What may change from one point to the next. */
  enum Series {
    BATCH,
    LENGTH,
    WIDTH,
    THREADS,
    STRONG,
    WEAK;

    /** Whether ranks change. */
    boolean ofRanks() {
      return this == STRONG || this == WEAK;
    }
  }

  /** The size that changes; null without a series. */
  private StepPoint.Scaling scaling() {
    if (series == null) {
      return null;
    }
    if (series.ofRanks()) {
      throw new IllegalArgumentException(
          "--scaling %s is of training steps on many ranks: precordia bench train"
              .formatted(series.name().toLowerCase(Locale.ROOT)));
    }
    return StepPoint.Scaling.valueOf(series.name());
  }

  /** Where passes run; says so. */
  StepBenchmark.Device device(Output output) {
    Backend.Selection selection = Backend.of(compute.backend).select(compute.device);
    output.line("backend  " + selection.reason());
    return new StepBenchmark.Device(selection, compute.options());
  }

  /** The sizes as the options give them. */
  StepPoint point(int batch) {
    return new StepPoint(size.width(), batch, length, compute.threads, precision);
  }

  /** The points to measure, one without a series. */
  List<StepPoint> points(StepBenchmark.Device device, int batch) {
    StepPoint point = point(batch);
    StepPoint.Scaling scaling = scaling();
    if (scaling == null) {
      if (!sizes.isEmpty()) {
        throw new IllegalArgumentException("--points belongs to a series: add --scaling");
      }
      return List.of(point);
    }
    if (scaling == StepPoint.Scaling.THREADS && device.selection().backend() != Backend.CPU) {
      throw new IllegalArgumentException(
          "--scaling %s is of the CPU: add --backend cpu"
              .formatted(scaling.name().toLowerCase(Locale.ROOT)));
    }
    return scaling.through(point, sizes, device.selection().device().computeUnits());
  }
}
