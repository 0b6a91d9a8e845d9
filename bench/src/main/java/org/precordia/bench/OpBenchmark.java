// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/** Each op of a training step alone, at the shapes it has there. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class OpBenchmark {
  /** Channels of every activation. */
  @Param("64")
  public int width;

  /** Windows of a batch. */
  @Param("128")
  public int batch;

  /** CPU threads; 0 for all. */
  @Param("0")
  public int threads;

  /** The op; {@code inference:} precedes those that keep nothing for backward. */
  @Param({
    "gather_augment",
    "pathology stem forward",
    "pathology stem backward",
    "pathology stack forward",
    "pathology stack backward",
    "inference: pathology stack",
    "waveform stack forward",
    "waveform stack backward",
    "pool_project forward",
    "pool_project backward",
    "supcon forward",
    "supcon backward",
    "classifier forward",
    "classifier backward",
    "film forward",
    "film backward",
    "inference: film",
    "head forward",
    "head backward",
    "inference: head",
    "reconstruction_loss",
    "adamw",
    "pack",
    "metrics"
  })
  public String op;

  private JointStep step;
  private Runnable call;

  /** Finds the op. */
  @Setup
  public void find() {
    step = new JointStep(width, batch, threads);
    // The first batch of an epoch, for the op that reads its place from the step's state.
    step.training().getFirst().run().run();
    Stream<JointStep.Call> inference =
        step.inference().stream()
            .map(call -> new JointStep.Call("inference: " + call.name(), call.run()));
    List<JointStep.Call> calls = Stream.concat(step.training().stream(), inference).toList();
    call =
        calls.stream()
            .filter(candidate -> candidate.name().equals(op))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no op is called " + op))
            .run();
  }

  /** One call. */
  @Benchmark
  public void run() {
    call.run();
    step.stream().synchronize();
  }

  /** Closes everything. */
  @TearDown(Level.Trial)
  public void close() {
    step.close();
  }
}
