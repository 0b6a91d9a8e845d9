// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.Event;
import org.precordia.runtime.Memory;
import org.precordia.runtime.MetricsRow;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Reads the ring of metrics without holding up the device: every few steps a copy of the ring is
 * queued, and read when the next one is queued. The host is thereby never further ahead of the
 * device than twice those steps. A CPU stream runs at the call, so there each row is read at once.
 * The ranks' wish to stop is read with it: after the same step on all ranks, because all queue
 * after the same steps.
 */
final class MetricsReader implements AutoCloseable {
  private static final int DEVICE_INTERVAL = 16;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final CopyOp copy;
  private final CopyOp copyStops; // null with one rank
  private final Event event;
  private final MemorySegment host;
  private final MemorySegment hostStops;
  private final int interval;
  private long read;
  private long queued;
  private boolean stop;

  /**
   * Prepares the reader.
   *
   * @param ring U8 [{@value TrainingStep#RING}, 64]
   * @param stops F32 [1], how many ranks wish to stop, or null with one rank
   * @param step last step that needs no reading
   * @param interval steps from one reading to the next, at most half of the ring; at 1 each row is
   *     waited for
   */
  MetricsReader(Stream stream, Tensor ring, Tensor stops, long step, int interval) {
    this.stream = stream;
    this.read = step;
    this.queued = step;
    this.interval = interval;
    Arena arena = resources.add(Arena.ofShared());
    Tensor target =
        resources.own(stream.allocate(Memory.HOST, DType.U8, TrainingStep.RING, MetricsRow.BYTES));
    host = target.buffer().hostView(arena);
    copy = new CopyOp(arena).source(ring).target(target);
    Tensor wishes =
        stops == null ? null : resources.own(stream.allocate(Memory.HOST, DType.F32, 1));
    hostStops = wishes == null ? null : wishes.buffer().hostView(arena);
    copyStops = wishes == null ? null : new CopyOp(arena).source(stops).target(wishes);
    event = resources.add(stream.context().event());
  }

  /** The interval that suits a backend. */
  static int interval(Context context) {
    return context.backend() == Backend.CPU ? 1 : DEVICE_INTERVAL;
  }

  /** To be called after a step was launched; returns the rows that have arrived, in order. */
  List<MetricsRow> stepped(long step) {
    if (step - queued < interval) {
      return List.of();
    }
    List<MetricsRow> rows = collect();
    queue(step);
    if (interval == 1) {
      rows.addAll(collect());
    }
    return rows;
  }

  /** Waits for all rows up to a step. */
  List<MetricsRow> drain(long step) {
    List<MetricsRow> rows = collect();
    if (step > queued) {
      queue(step);
      rows.addAll(collect());
    }
    return rows;
  }

  private void queue(long step) {
    copy.run(stream);
    if (copyStops != null) {
      copyStops.run(stream);
    }
    event.record(stream);
    queued = step;
  }

  private List<MetricsRow> collect() {
    List<MetricsRow> rows = new ArrayList<>();
    if (queued > read) {
      event.synchronize();
      while (read < queued) {
        rows.add(MetricsRow.read(host, read % TrainingStep.RING));
        read++;
      }
      stop |= hostStops != null && hostStops.get(ValueLayout.JAVA_FLOAT, 0) > 0;
    }
    return rows;
  }

  /** Whether a rank wishes to stop, as far as all of them know. */
  boolean stop() {
    return stop;
  }

  @Override
  public void close() {
    resources.close();
  }
}
