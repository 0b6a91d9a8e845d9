// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.precordia.model.Precision;

/**
 * One size at which whole steps are timed.
 *
 * @param width channels of every activation
 * @param batch windows of a step, views not counted
 * @param length samples of a window
 * @param threads CPU threads; 0 for all
 * @param precision storage of activations
 */
public record StepPoint(int width, int batch, int length, int threads, Precision precision) {

  /** What a series changes from point to point. */
  public enum Scaling {
    BATCH(point -> point.batch, StepPoint::withBatch, List.of(16, 32, 64, 128, 256)),
    LENGTH(point -> point.length, StepPoint::withLength, List.of(128, 256, 512, 1024)),
    WIDTH(point -> point.width, StepPoint::withWidth, List.of(64, 128, 256)),
    THREADS(point -> point.threads, StepPoint::withThreads, List.of());

    private final Function<StepPoint, Integer> size;
    private final BiFunction<StepPoint, Integer, StepPoint> change;
    private final List<Integer> usual;

    Scaling(
        Function<StepPoint, Integer> size,
        BiFunction<StepPoint, Integer, StepPoint> change,
        List<Integer> usual) {
      this.size = size;
      this.change = change;
      this.usual = usual;
    }

    /**
     * The points of the series through one of them.
     *
     * @param sizes those to take; empty for the usual ones
     * @param cores most threads of the usual ones
     */
    public List<StepPoint> through(StepPoint point, List<Integer> sizes, int cores) {
      List<Integer> wanted = sizes.isEmpty() ? usual : sizes;
      if (wanted.isEmpty()) {
        wanted = new ArrayList<>();
        for (int threads = 1; threads < cores; threads *= 2) {
          wanted.add(threads);
        }
        wanted.add(cores);
      }
      return wanted.stream().map(value -> change.apply(point, value)).toList();
    }

    /** The size that changes. */
    public int of(StepPoint point) {
      return size.apply(point);
    }
  }

  public StepPoint {
    if (batch < 1 || length < 8 || threads < 0) {
      throw new IllegalArgumentException(
          "a step has at least one window of 8 samples, and no negative number of threads");
    }
  }

  StepPoint withBatch(int windows) {
    return new StepPoint(width, windows, length, threads, precision);
  }

  private StepPoint withLength(int samples) {
    return new StepPoint(width, batch, samples, threads, precision);
  }

  private StepPoint withWidth(int channels) {
    return new StepPoint(channels, batch, length, threads, precision);
  }

  private StepPoint withThreads(int count) {
    return new StepPoint(width, batch, length, count, precision);
  }

  /** The sizes as they stand in a result file. */
  SortedMap<String, String> shape(int threadsUsed) {
    SortedMap<String, String> shape = new TreeMap<>();
    shape.put("width", String.valueOf(width));
    shape.put("batch", String.valueOf(batch));
    shape.put("length", String.valueOf(length));
    if (threadsUsed > 0) {
      shape.put("threads", String.valueOf(threadsUsed));
    }
    return shape;
  }

  /** The case of a result. */
  BenchmarkCase of(String stage, String subject, Map<String, String> more, int threadsUsed) {
    SortedMap<String, String> shape = shape(threadsUsed);
    shape.putAll(more);
    return new BenchmarkCase(
        stage, subject, BenchmarkCase.OURS, precision.name().toLowerCase(Locale.ROOT), "", shape);
  }
}
