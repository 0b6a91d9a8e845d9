// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.precordia.runtime.Graph;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/**
 * Runs a trained network on windows in mV. Networks for batches of some sizes are prepared when
 * first needed, each recorded as a graph. One thread at a time.
 */
public final class Predictor implements AutoCloseable {
  private static final int EIGHTH = 8;

  private final Resources resources = new Resources();
  private final Map<Integer, Prepared> prepared = new HashMap<>();
  private final ModelMetadata metadata;
  private final Stream stream;
  private final Weights weights;
  private final int largest;

  private record Prepared(Network network, Graph graph) {}

  /**
   * Uploads a model.
   *
   * @param largest most windows that run at once, a power of two
   * @param precision storage of activations
   */
  public Predictor(Stream stream, ModelFile model, int largest, Precision precision) {
    if (Integer.bitCount(largest) != 1) {
      throw new IllegalArgumentException("the largest batch is a power of two, not " + largest);
    }
    this.stream = stream;
    this.metadata = model.metadata();
    this.largest = largest;
    this.weights = resources.add(new Weights(stream, metadata.network(), precision.storage()));
    weights.upload(model.parameters());
  }

  /** What the model is. */
  public ModelMetadata metadata() {
    return metadata;
  }

  /**
   * What the network makes of windows.
   *
   * @param millivolts reconstruction, [windows, L, T] in mV
   * @param h embedding, [windows, C]; empty without a pathology branch
   */
  public record Prediction(float[] millivolts, float[] h) {}

  /**
   * Reconstructs the target leads of windows.
   *
   * @param millivolts inputs, [windows, L, n] in mV, preprocessed as the model's metadata say, in
   *     the order of its inputs
   * @throws IllegalArgumentException if the length is no multiple of a window's
   */
  public Prediction predict(float[] millivolts) {
    return run(millivolts, null);
  }

  /**
   * Reconstructs the target leads of windows as if the pathology branch had said something else.
   *
   * @param millivolts inputs, as above
   * @param h embedding that modulates each window, [windows, C]
   * @return reconstruction, [windows, L, T] in mV
   * @throws IllegalArgumentException if the network has no pathology branch, or a length does not
   *     fit
   */
  public float[] predict(float[] millivolts, float[] h) {
    NetworkConfig config = metadata.network();
    int windows = millivolts.length / (config.window() * config.inputs().size());
    if (!config.pathology() || h.length != windows * config.width()) {
      throw new IllegalArgumentException(
          "%d values of h for %d windows; each takes %d"
              .formatted(h.length, windows, config.pathology() ? config.width() : 0));
    }
    return run(millivolts, h).millivolts();
  }

  /** Runs windows; {@code given} takes the place of the pathology branch, if it is not null. */
  private Prediction run(float[] millivolts, float[] given) {
    NetworkConfig config = metadata.network();
    int inputCount = config.window() * config.inputs().size();
    int outputCount = config.window() * config.targets().size();
    if (millivolts.length % inputCount != 0) {
      throw new IllegalArgumentException(
          "%d input values, but a window has %d x %d"
              .formatted(millivolts.length, config.window(), config.inputs().size()));
    }
    int windows = millivolts.length / inputCount;
    float[] inputs = new float[millivolts.length];
    metadata.standardisation().apply(millivolts, config.window(), inputs);
    float[] outputs = new float[windows * outputCount];
    float[] h = new float[config.pathology() ? windows * config.width() : 0];
    int first = 0;
    while (first < windows) {
      int count = Math.min(largest, windows - first);
      int batch = Math.min(largest, sizeFor(count));
      Prepared ready = prepared.computeIfAbsent(batch, this::prepare);
      int begin = first * inputCount;
      float[] window = Arrays.copyOfRange(inputs, begin, begin + count * inputCount);
      ready.network.inputs().slice(0, count).upload(stream, window);
      if (given == null) {
        ready.graph.launch(stream);
      } else {
        int from = first * config.width();
        float[] part = Arrays.copyOfRange(given, from, from + count * config.width());
        ready.network.embeddings().h().slice(0, count).upload(stream, part);
        ready.network.forwardReconstruction();
      }
      float[] out = ready.network.output().slice(0, count).floats(stream);
      System.arraycopy(out, 0, outputs, first * outputCount, out.length);
      if (config.pathology()) {
        float[] embedded = ready.network.embeddings().h().slice(0, count).floats(stream);
        System.arraycopy(embedded, 0, h, first * config.width(), embedded.length);
      }
      first += count;
    }
    return new Prediction(outputs, h);
  }

  /**
   * The size of the network that runs a batch. Every size has a network of its own and rows that a
   * batch does not fill are computed in vain: at most an eighth of them, with few sizes.
   */
  static int sizeFor(int windows) {
    int step = Math.max(1, Integer.highestOneBit(windows) / EIGHTH);
    return Math.ceilDiv(windows, step) * step;
  }

  private Prepared prepare(int batch) {
    Scratch scratch = new Scratch();
    Network network =
        resources.add(
            new Network(
                weights, batch, Network.Role.INFERENCE, Network.Role.INFERENCE, null, scratch));
    scratch.allocate(stream, resources);
    // Rows beyond a partial batch are computed and dropped; they must not hold what is not a
    // number.
    network.inputs().upload(stream, new float[(int) network.inputs().count()]);
    if (network.embeddings() != null) {
      network.embeddings().h().upload(stream, new float[batch * metadata.network().width()]);
    }
    Graph graph =
        resources.add(
            Graph.capture(
                stream,
                () -> {
                  network.forwardPathology();
                  network.forwardReconstruction();
                }));
    return new Prepared(network, graph);
  }

  @Override
  public void close() {
    resources.close();
  }
}
