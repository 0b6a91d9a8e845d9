// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;

/**
 * Runs networks over windows, some of them on each rank, and tells every rank all windows' values,
 * in order. Each rank takes whole batches, the very ones that one rank runs, and values are added
 * up by whoever hears them: so a figure is that of one rank, bit for bit, and the same on all.
 */
final class SharedWindows implements AutoCloseable {
  /** Windows that run at once. */
  private static final int BATCH = 64;

  /** Values that ranks exchange at once. */
  private static final int PIECE = 1 << 20;

  private final TrainingRanks ranks;
  private final WindowSource source;
  private final List<WindowRef> windows;
  private final WindowRunner.Mode mode;
  private final Map<Weights, WindowRunner> runners = new HashMap<>();

  /** Hears the values of windows, in order. */
  interface Listener {
    /**
     * Takes a window's values.
     *
     * @param window position in the list
     * @param values to be copied by who keeps them
     */
    void window(int window, double[] values);
  }

  SharedWindows(
      TrainingRanks ranks, WindowSource source, List<WindowRef> windows, WindowRunner.Mode mode) {
    this.ranks = ranks;
    this.source = source;
    this.windows = List.copyOf(windows);
    this.mode = mode;
  }

  /** The windows. */
  List<WindowRef> windows() {
    return windows;
  }

  /**
   * Runs a network.
   *
   * @param weights packed; the same on all ranks
   * @param width values of a window
   * @param values what is told of a batch, window by window; values of fp32 stay what they are
   */
  void run(
      Weights weights,
      int width,
      Function<WindowRunner.Batch, double[]> values,
      Listener listener) {
    double[] one = new double[width];
    if (!ranks.several()) {
      runner(weights)
          .run(
              windows,
              batch -> tell(batch.first(), batch.count(), values.apply(batch), one, listener));
      return;
    }
    int batches = (windows.size() + BATCH - 1) / BATCH;
    int from = first(batches, ranks.rank());
    int to = first(batches, ranks.rank() + 1);
    double[] own = new double[(to - from) * width];
    if (to > from) {
      runner(weights)
          .run(
              windows.subList(from, to),
              batch -> {
                double[] part = values.apply(batch);
                System.arraycopy(part, 0, own, batch.first() * width, part.length);
              });
    }
    int piece = Math.max(1, PIECE / width);
    for (int begin = 0; begin < windows.size(); begin += piece) {
      int end = Math.min(begin + piece, windows.size());
      double[] part = new double[(end - begin) * width];
      int low = Math.max(begin, from);
      int high = Math.min(end, to);
      if (high > low) {
        System.arraycopy(
            own, (low - from) * width, part, (low - begin) * width, (high - low) * width);
      }
      tell(begin, end - begin, ranks.sum(source.stream(), part), one, listener);
    }
  }

  /** First window of a rank. */
  private int first(int batches, int rank) {
    long batch = (long) batches * rank / ranks.count();
    return (int) Math.min(batch * BATCH, windows.size());
  }

  private static void tell(int first, int count, double[] values, double[] one, Listener listener) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(values, i * one.length, one, 0, one.length);
      listener.window(first + i, one);
    }
  }

  private WindowRunner runner(Weights weights) {
    return runners.computeIfAbsent(
        weights, w -> new WindowRunner(source, w, Math.min(BATCH, windows.size()), mode));
  }

  /** The same values in fp64. */
  static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  @Override
  public void close() {
    runners.values().forEach(WindowRunner::close);
  }
}
