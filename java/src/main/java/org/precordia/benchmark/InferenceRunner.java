// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.precordia.model.Architecture;
import org.precordia.model.Conditioning;
import org.precordia.model.Initialisation;
import org.precordia.model.Network;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Scratch;
import org.precordia.model.Weights;
import org.precordia.runtime.Context;
import org.precordia.runtime.Graph;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/** Windows to the missing leads, by a network of random weights: its time is that of any. */
final class InferenceRunner implements StepRunner {
  private final Resources resources = new Resources();
  private final StepPoint point;
  private final NetworkConfig config;
  private final Stream stream;
  private final Network network;
  private final Graph graph;
  private final float[] inputs;

  InferenceRunner(Context context, StepPoint point, long seed) {
    this.point = point;
    config =
        new NetworkConfig(
            point.width(),
            NetworkConfig.DEFAULT_INPUTS,
            NetworkConfig.DEFAULT_TARGETS,
            point.length(),
            NetworkConfig.DEFAULT_EMBEDDING,
            List.of(),
            Architecture.DILATED,
            Conditioning.EMBEDDING,
            true);
    boolean complete = false;
    try {
      stream = resources.add(context.stream());
      Weights weights = resources.add(new Weights(stream, config, point.precision().storage()));
      weights.upload(Initialisation.draw(weights.layout(), seed));
      Scratch scratch = new Scratch();
      network =
          resources.add(
              new Network(
                  weights,
                  point.batch(),
                  Network.Role.INFERENCE,
                  Network.Role.INFERENCE,
                  null,
                  scratch));
      scratch.allocate(stream, resources);
      Workbench.RandomBlock random = resources.add(new Workbench.RandomBlock(stream, seed));
      try (Workbench bench = new Workbench(stream, random)) {
        bench.renewal(network.inputs()).run();
        stream.synchronize();
      }
      inputs = network.inputs().floats(stream);
      graph =
          resources.add(
              Graph.capture(
                  stream,
                  () -> {
                    network.forwardPathology();
                    network.forwardReconstruction();
                  }));
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  @Override
  public Stream stream() {
    return stream;
  }

  @Override
  public void launch() {
    graph.launch(stream);
  }

  @Override
  public int windows() {
    return point.batch();
  }

  @Override
  public long ops() {
    return graph.size();
  }

  @Override
  public Cost cost() {
    return new NetworkCost(config, point.batch(), point.precision()).inference();
  }

  @Override
  public Map<String, Double> split(PassTimer timer) {
    Map<String, Double> times = new LinkedHashMap<>();
    times.put("pathology encoder", timer.milliseconds(network::forwardPathology, 1));
    times.put(
        "waveform encoder and decoder", timer.milliseconds(network::forwardReconstruction, 1));
    return times;
  }

  @Override
  public boolean roundTrip() {
    network.inputs().upload(stream, inputs);
    graph.launch(stream);
    return network.output().floats(stream).length > 0;
  }

  @Override
  public void close() {
    resources.close();
  }
}
