// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.precordia.model.Precision;
import org.precordia.runtime.OutOfDeviceMemoryException;
import org.precordia.runtime.PrecordiaException;
import org.precordia.runtime.Stream;
import org.precordia.runtime.UnsupportedException;

/** One op at one shape and precision: its times with warm and with cold caches. */
final class KernelCase {
  /** Stage of the results. */
  static final String STAGE = "kernels";

  /** What was done about caches before a pass. */
  enum Cache {
    /** The pass before has left there what fits. */
    WARM,
    /** Everything was driven out. */
    COLD;

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Shorter launches are timed several at a time. */
  private static final double LEAST_SAMPLE_MS = 0.03;

  private static final int MOST_LAUNCHES = 256;
  private static final int MOST_SAMPLES = 4096;

  private final Kernel kernel;
  private final Shape shape;
  private final Precision precision;
  private final SortedMap<String, String> sizes;
  private final Map<Cache, Timing> timings = new EnumMap<>(Cache.class);
  private boolean steady = true;
  private String status = "";
  private String reason = "";

  /**
   * A case.
   *
   * @param threads CPU threads, for the results; 0 on a GPU
   */
  KernelCase(Kernel kernel, Shape shape, Precision precision, int threads) {
    this.kernel = kernel;
    this.shape = shape;
    this.precision = precision;
    sizes = shape.of(kernel.sizes());
    sizes.putAll(kernel.settings());
    if (threads > 0) {
      sizes.put("threads", String.valueOf(threads));
    }
    for (Cache cache : Cache.values()) {
      timings.put(cache, new Timing());
    }
    if (!kernel.precisions().contains(precision)) {
      fails(
          Measurement.UNSUPPORTED,
          "has no form of its own in %s: its tensors are fp32 however activations are stored"
              .formatted(id(precision)));
    }
  }

  private static String id(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  /** What the results call it. */
  BenchmarkCase id(Cache cache) {
    return new BenchmarkCase(
        STAGE, kernel.subject(), BenchmarkCase.OURS, id(precision), cache.id(), sizes);
  }

  /** Whether there is still something to measure. */
  boolean runs() {
    return status.isEmpty();
  }

  private void fails(String how, String why) {
    status = how;
    reason = why;
  }

  /**
   * Takes a turn: prepares, warms up, and times for a slice each with warm and with cold caches.
   *
   * @param sliceMs time of a slice
   */
  void turn(
      Stream stream,
      Workbench.RandomBlock random,
      PassTimer timer,
      CacheFlush flush,
      double sliceMs) {
    try (Workbench bench = new Workbench(stream, random)) {
      Kernel.Prepared prepared = kernel.preparation().on(bench, shape, precision);
      int launches = warmUp(prepared, timer, sliceMs);
      timings.get(Cache.WARM).add(warm(prepared, timer, launches, sliceMs));
      timings.get(Cache.COLD).add(cold(prepared, timer, flush, sliceMs));
    } catch (UnsupportedException e) {
      fails(Measurement.UNSUPPORTED, e.getMessage());
    } catch (OutOfDeviceMemoryException e) {
      fails("out-of-memory", e.getMessage());
    } catch (PrecordiaException e) {
      fails("error", e.getMessage());
    }
  }

  /** Passes until they are steady or the slice is over; how many launches make a sample. */
  private int warmUp(Kernel.Prepared prepared, PassTimer timer, double sliceMs) {
    WarmUp warmUp = new WarmUp();
    double spent = 0;
    double last = 0;
    while (spent < sliceMs && !warmUp.steady()) {
      prepared.renew().run();
      last = timer.milliseconds(prepared.pass(), 1);
      spent += Math.max(last, LEAST_SAMPLE_MS / MOST_LAUNCHES);
      warmUp.pass(last);
    }
    steady &= warmUp.steady();
    return (int) Math.clamp(Math.ceil(LEAST_SAMPLE_MS / last), 1, MOST_LAUNCHES);
  }

  private static double[] warm(
      Kernel.Prepared prepared, PassTimer timer, int launches, double sliceMs) {
    List<Double> samples = new ArrayList<>();
    double spent = 0;
    while (samples.isEmpty() || spent < sliceMs && samples.size() < MOST_SAMPLES) {
      prepared.renew().run();
      double sample = timer.milliseconds(prepared.pass(), launches);
      spent += sample * launches;
      samples.add(sample);
    }
    return values(samples);
  }

  private static double[] cold(
      Kernel.Prepared prepared, PassTimer timer, CacheFlush flush, double sliceMs) {
    List<Double> samples = new ArrayList<>();
    long begin = System.nanoTime();
    while (samples.isEmpty() || (System.nanoTime() - begin) * 1e-6 < sliceMs) {
      prepared.renew().run();
      flush.run();
      samples.add(timer.milliseconds(prepared.pass(), 1));
    }
    return values(samples);
  }

  private static double[] values(List<Double> samples) {
    return samples.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The lines of a result file; one where there are no figures. */
  List<Measurement> measurements(Ceilings ceilings) {
    List<Measurement> lines = new ArrayList<>();
    Roofline roofline = new Roofline(ceilings.arithmetic(precision), ceilings.bandwidth());
    Cost cost = kernel.cost().of(shape, Kernel.element(precision));
    for (Cache cache : Cache.values()) {
      Measurement.Builder line = Measurement.of(id(cache));
      Timing timing = timings.get(cache);
      if (!runs()) {
        lines.add(line.failed(status, reason).build());
      } else if (timing.passes() > 0) {
        line.times(timing).flag("steady", steady);
        lines.add(roofline.rates(line, cost, timing.medianMs()).build());
      }
    }
    return lines;
  }
}
