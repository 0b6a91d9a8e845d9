// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Linear regression of the targets in mV on {@link LaggedFeatures}: what can be had linearly from
 * the neighbourhood of a sample and from the amplitudes of a window, with the information that a
 * network has. Normal equations in fp64, λ as the anchor's, solved by Cholesky decomposition.
 */
public final class LaggedRidge implements WindowFunction {
  private static final String METADATA_KEY = "precordia-lagged-ridge";
  private static final String WEIGHT = "weight";

  /** Parts that sums are made in: fixed, so that they do not depend on the number of cores. */
  private static final int PARTS = 16;

  private final ModelMetadata metadata;
  private final LaggedFeatures features;
  private final int targets;

  /** [T, F], row-major. */
  private final float[] weight;

  private LaggedRidge(ModelMetadata metadata, float[] weight) {
    this.metadata = metadata;
    this.features = featuresOf(metadata.network());
    this.targets = metadata.network().targets().size();
    this.weight = weight;
  }

  private static LaggedFeatures featuresOf(NetworkConfig network) {
    return new LaggedFeatures(network.inputs().size(), network.window());
  }

  /**
   * Fits the regression.
   *
   * @param metadata leads, window and standardisation; those that the runner's windows have
   * @param runner gives inputs and targets of windows
   * @param windows training windows
   * @param penalty λ
   */
  public static LaggedRidge fit(
      ModelMetadata metadata, WindowRunner runner, List<WindowRef> windows, double penalty) {
    LaggedFeatures features = featuresOf(metadata.network());
    int targets = metadata.network().targets().size();
    List<NormalEquations> parts =
        IntStream.range(0, PARTS).mapToObj(i -> new NormalEquations(features, targets)).toList();
    runner.run(
        windows,
        batch -> {
          float[] x = batch.inputs();
          float[] y = batch.targets();
          IntStream.range(0, PARTS)
              .parallel()
              .forEach(
                  part -> {
                    for (int i = part; i < batch.count(); i += PARTS) {
                      parts.get(part).add(x, y, i);
                    }
                  });
        });
    NormalEquations sum = parts.getFirst();
    parts.subList(1, PARTS).forEach(sum::add);
    return new LaggedRidge(metadata, sum.solve(penalty));
  }

  /** Leads, window and standardisation of what it regresses. */
  public ModelMetadata metadata() {
    return metadata;
  }

  /** Number of fitted parameters. */
  public long parameters() {
    return weight.length;
  }

  @Override
  public float[] reconstruct(float[] inputs, int windows) {
    int window = features.window();
    float[] output = new float[windows * window * targets];
    IntStream.range(0, windows)
        .parallel()
        .forEach(
            w -> {
              double[][] rows = new double[window][features.count()];
              features.fill(inputs, w * window * features.inputs(), rows);
              for (int t = 0; t < window; t++) {
                for (int k = 0; k < targets; k++) {
                  output[(w * window + t) * targets + k] = (float) product(rows[t], k);
                }
              }
            });
    return output;
  }

  private double product(double[] row, int target) {
    double sum = 0;
    for (int f = 0; f < row.length; f++) {
      sum += row[f] * weight[target * row.length + f];
    }
    return sum;
  }

  /** Writes the regression, whole or not at all. */
  public void write(Path file) throws IOException {
    new SafetensorsWriter()
        .metadata(METADATA_KEY, metadata.toJson())
        .add(WEIGHT, weight, 0, targets, features.count())
        .write(file);
  }

  /**
   * Reads a regression.
   *
   * @throws TensorFileException when the file is missing, damaged, or holds something else
   */
  public static LaggedRidge read(Path file) throws IOException {
    Safetensors tensors = Safetensors.read(file);
    String text = tensors.metadata().get(METADATA_KEY);
    if (text == null) {
      throw new TensorFileException(
          file, "is no regression with lags: its metadata have no field '%s'", METADATA_KEY);
    }
    try {
      ModelMetadata metadata = ModelMetadata.ofJson(text);
      NetworkConfig network = metadata.network();
      int count = featuresOf(network).count();
      return new LaggedRidge(metadata, tensors.floats(WEIGHT, network.targets().size(), count));
    } catch (IllegalArgumentException e) {
      throw new TensorFileException(file, "%s", e.getMessage());
    }
  }

  /** FᵀF and FᵀT of the windows of one part. */
  private static final class NormalEquations {
    private final LaggedFeatures features;
    private final int targets;
    private final double[][] sums;
    private final double[][] rows;

    NormalEquations(LaggedFeatures features, int targets) {
      this.features = features;
      this.targets = targets;
      // A row's targets stand behind its features, so that one pass makes both sums.
      sums = new double[features.count()][features.count() + targets];
      rows = new double[features.window()][features.count() + targets];
    }

    void add(float[] x, float[] y, int index) {
      int window = features.window();
      int count = features.count();
      features.fill(x, index * window * features.inputs(), rows);
      for (int t = 0; t < window; t++) {
        for (int k = 0; k < targets; k++) {
          rows[t][count + k] = y[(index * window + t) * targets + k];
        }
      }
      // Four samples at a time: a sum is loaded and stored once for eight operations.
      int t = 0;
      for (; t + 4 <= window; t += 4) {
        addFour(rows[t], rows[t + 1], rows[t + 2], rows[t + 3]);
      }
      double[] none = new double[count + targets];
      for (; t < window; t++) {
        addFour(rows[t], none, none, none);
      }
    }

    private void addFour(double[] a, double[] b, double[] c, double[] d) {
      for (int i = 0; i < sums.length; i++) {
        double[] sum = sums[i];
        double ai = a[i];
        double bi = b[i];
        double ci = c[i];
        double di = d[i];
        for (int j = i; j < sum.length; j++) {
          sum[j] += ai * a[j] + bi * b[j] + ci * c[j] + di * d[j];
        }
      }
    }

    void add(NormalEquations other) {
      for (int i = 0; i < sums.length; i++) {
        for (int j = i; j < sums[i].length; j++) {
          sums[i][j] += other.sums[i][j];
        }
      }
    }

    /** [T, F] row-major. */
    float[] solve(double penalty) {
      int n = sums.length;
      double[] gram = new double[n * n];
      double[] moment = new double[n * targets];
      for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++) {
          gram[i * n + j] = sums[i][j];
          gram[j * n + i] = sums[i][j];
        }
        System.arraycopy(sums[i], n, moment, i * targets, targets);
      }
      double[] solution = RidgeAnchor.solve(gram, moment, n, targets, penalty);
      float[] weight = new float[solution.length];
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < targets; k++) {
          weight[k * n + i] = (float) solution[i * targets + k];
        }
      }
      return weight;
    }
  }
}
