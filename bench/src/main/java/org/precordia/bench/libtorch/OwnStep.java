// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.libtorch;

import org.precordia.bench.JointStep;
import org.precordia.runtime.Graph;

/** A training step, or inference, by Precordia as one graph. */
final class OwnStep implements Work {
  private final JointStep step;
  private final Graph graph;
  private final boolean training;

  OwnStep(JointStep step, boolean training) {
    this.step = step;
    this.training = training;
    graph =
        Graph.capture(
            step.stream(),
            () ->
                (training ? step.training() : step.inference()).forEach(call -> call.run().run()));
  }

  @Override
  public void run() {
    graph.launch(step.stream());
    step.stream().synchronize();
  }

  @Override
  public float[] result() {
    return training ? step.gradient() : step.reconstruction();
  }

  @Override
  public void close() {
    graph.close();
  }
}
