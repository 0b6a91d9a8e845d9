// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.precordia.runtime.Graph;

/** A whole training step, and the reconstruction of a batch, each launched as one graph. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class StepBenchmark {
  /** Channels of every activation. */
  @Param("64")
  public int width;

  /** Windows of a batch. */
  @Param("128")
  public int batch;

  /** CPU threads; 0 for all. */
  @Param("0")
  public int threads;

  private JointStep step;
  private Graph training;
  private Graph inference;

  /** Records both. */
  @Setup
  public void record() {
    step = new JointStep(width, batch, threads);
    training = capture(step.training());
    inference = capture(step.inference());
  }

  private Graph capture(Iterable<JointStep.Call> calls) {
    return Graph.capture(step.stream(), () -> calls.forEach(call -> call.run().run()));
  }

  /** An epoch is long, but not endless. */
  @Setup(Level.Iteration)
  public void rewind() {
    step.rewind();
  }

  /** Forward, three losses, backward, clip, AdamW, moving average. */
  @Benchmark
  public void training() {
    training.launch(step.stream());
    step.stream().synchronize();
  }

  /** Windows to the missing leads. */
  @Benchmark
  public void inference() {
    inference.launch(step.stream());
    step.stream().synchronize();
  }

  /** Closes everything. */
  @TearDown
  public void close() {
    training.close();
    inference.close();
    step.close();
  }
}
