// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.precordia.runtime.Context;
import org.precordia.runtime.Event;
import org.precordia.runtime.Stream;

/** Times several pieces of work in turn, so that clocks and temperature are the same for all. */
final class Alternation implements AutoCloseable {
  private static final int CALLS = 4;
  private static final int WARM_UPS = 3;

  private final Stream stream;
  private final List<Event> events = new ArrayList<>();

  /**
   * Milliseconds of one call.
   *
   * @param median half of the repeats were faster
   * @param p10 a tenth of them were
   * @param p90 nine tenths of them were
   * @param repeats how many were timed
   */
  record Timing(double median, double p10, double p90, int repeats) {}

  /**
   * @param most how many pieces of work there may be
   */
  Alternation(Context context, Stream stream, int most) {
    this.stream = stream;
    for (int i = 0; i <= most; i++) {
      events.add(context.event());
    }
  }

  /**
   * Times the pieces, each for about as long as asked for.
   *
   * @param work takes the number of the call, by which it rotates its memory
   */
  List<Timing> measure(List<IntConsumer> work, double seconds) {
    List<List<Double>> times =
        work.stream().map(w -> (List<Double>) new ArrayList<Double>()).toList();
    double total = 0;
    for (int round = 0; round <= WARM_UPS || total < seconds * 1e3 * work.size(); round++) {
      events.getFirst().record(stream);
      for (int i = 0; i < work.size(); i++) {
        for (int call = 0; call < CALLS; call++) {
          work.get(i).accept(call);
        }
        events.get(i + 1).record(stream);
      }
      events.get(work.size()).synchronize();
      if (round < WARM_UPS) {
        continue;
      }
      for (int i = 0; i < work.size(); i++) {
        double elapsed = events.get(i + 1).millisecondsSince(events.get(i));
        times.get(i).add(elapsed / CALLS);
        total += elapsed;
      }
    }
    return times.stream().map(Alternation::timing).toList();
  }

  private static Timing timing(List<Double> times) {
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    return new Timing(
        sorted[last / 2], sorted[(int) (0.1 * last)], sorted[(int) (0.9 * last)], sorted.length);
  }

  @Override
  public void close() {
    events.forEach(Event::close);
  }
}
