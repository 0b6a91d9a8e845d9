// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.util.List;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.RidgeOp;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The anchor: linear regression of the targets in mV on the standardised inputs and a bias, sample
 * by sample over windows, with a penalty: (AᵀA + λI)⁻¹AᵀT (Hoerl &amp; Kennard 1970). Normal
 * equations are summed in fp64 on the device and solved here by Cholesky decomposition.
 */
public final class RidgeAnchor {
  /** λ unless said otherwise. */
  public static final double DEFAULT_PENALTY = 1e-3;

  private RidgeAnchor() {}

  /**
   * Fits the anchor.
   *
   * @param source where windows come from
   * @param windows training windows
   * @param batch windows that are summed at once
   * @param penalty λ
   * @return weight [T, n] then bias [T], the layout of {@link ParameterGroup#ANCHOR}
   * @throws IllegalArgumentException if there is no window, or the inputs depend on each other so
   *     much that the equations have no solution
   */
  public static float[] fit(
      WindowSource source, List<WindowRef> windows, int batch, double penalty) {
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("the ridge anchor needs at least one training window");
    }
    NetworkConfig config = source.config();
    Stream stream = source.stream();
    int inputs = config.inputs().size();
    int targets = config.targets().size();
    int terms = inputs + 1;
    try (Resources resources = new Resources()) {
      Arena arena = resources.add(Arena.ofShared());
      Tensor gram = resources.allocate(stream, DType.F64, terms, terms);
      Tensor moment = resources.allocate(stream, DType.F64, terms, targets);
      new FillOp(arena).value(0).tensor(gram).run(stream);
      new FillOp(arena).value(0).tensor(moment).run(stream);
      Tensor x = resources.allocate(stream, DType.F32, batch, config.window(), inputs);
      Tensor y = resources.allocate(stream, DType.F32, batch, config.window(), targets);
      Tensor state = resources.allocate(stream, DType.U8, StepState.BYTES);
      int batches = (windows.size() + batch - 1) / batch;
      Tensor index = resources.allocate(stream, DType.I32, (long) batches * batch, 2);
      int[] entries = DeviceRecords.index(windows, batches * batch);
      index.upload(stream, entries);
      WindowFeed feed =
          resources.add(source.feed(List.of(WindowReach.EXACT), BatchPart.whole(batch)));
      GatherAugmentOp gather = source.targets(source.gather(arena, state, index, x), y);
      RidgeOp ridge = new RidgeOp(arena).inputs(x).targets(y).gram(gram).moment(moment);
      Scratch scratch = new Scratch();
      scratch.need(ridge.workspaceSize(stream.context()), ridge::workspace);
      scratch.allocate(stream, resources);
      StepState position = StepState.initial(0);
      feed.begin(List.of(entries), 0, 0, 0, batches);
      for (int first = 0; first < windows.size(); first += batch) {
        position.position(0, first).upload(stream, state);
        feed.attach(gather, feed.next(), 0, 0, batch);
        gather.run(stream);
        feed.launched();
        int count = Math.min(batch, windows.size() - first);
        ridge.inputs(x.slice(0, count)).targets(y.slice(0, count)).run(stream);
      }
      double[] solution =
          solve(gram.doubles(stream), moment.doubles(stream), terms, targets, penalty);
      return layOut(solution, inputs, targets);
    }
  }

  /** From [terms, T] with the bias last to weight [T, n] then bias [T]. */
  private static float[] layOut(double[] solution, int inputs, int targets) {
    float[] anchor = new float[targets * inputs + targets];
    for (int t = 0; t < targets; t++) {
      for (int i = 0; i < inputs; i++) {
        anchor[t * inputs + i] = (float) solution[i * targets + t];
      }
      anchor[targets * inputs + t] = (float) solution[inputs * targets + t];
    }
    return anchor;
  }

  /**
   * Solves (G + λI) X = M for a symmetric, positive semi-definite G by Cholesky decomposition.
   *
   * @param gram G, [n, n] row-major
   * @param moment M, [n, columns] row-major
   * @return X, [n, columns] row-major
   */
  static double[] solve(double[] gram, double[] moment, int n, int columns, double penalty) {
    double[] lower = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = gram[i * n + j] + (i == j ? penalty : 0);
        for (int k = 0; k < j; k++) {
          sum -= lower[i * n + k] * lower[j * n + k];
        }
        if (i != j) {
          lower[i * n + j] = sum / lower[j * n + j];
        } else if (sum > 0) {
          lower[i * n + i] = Math.sqrt(sum);
        } else {
          throw new IllegalArgumentException(
              "the ridge equations are singular at input "
                  + i
                  + ": raise the penalty above "
                  + penalty
                  + " or leave out an input that follows from the others");
        }
      }
    }
    double[] x = moment.clone();
    for (int c = 0; c < columns; c++) {
      for (int i = 0; i < n; i++) {
        double sum = x[i * columns + c];
        for (int k = 0; k < i; k++) {
          sum -= lower[i * n + k] * x[k * columns + c];
        }
        x[i * columns + c] = sum / lower[i * n + i];
      }
      for (int i = n - 1; i >= 0; i--) {
        double sum = x[i * columns + c];
        for (int k = i + 1; k < n; k++) {
          sum -= lower[k * n + i] * x[k * columns + c];
        }
        x[i * columns + c] = sum / lower[i * n + i];
      }
    }
    return x;
  }
}
