// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.precordia.bindings.Precordia;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.Graph;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/** What calls cost, from the ABI's smallest function to the smallest op and its graph. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DowncallBenchmark {
  private final Resources resources = new Resources();
  private Stream stream;
  private FillOp smallest;
  private Graph graph;

  /** Loads the library, and prepares an op that writes one number. */
  @Setup
  public void prepare() {
    Context context = resources.add(Context.open(Backend.CPU.select()));
    stream = resources.add(context.stream());
    smallest =
        new FillOp(resources.add(Arena.ofShared()))
            .value(1)
            .tensor(resources.allocate(stream, DType.F32, 1));
    graph = resources.add(Graph.capture(stream, () -> smallest.run(stream)));
  }

  /** One call, and nothing behind it. */
  @Benchmark
  public int abiVersion() {
    return Precordia.pcd_abi_version();
  }

  /** A call on a handle: the handle is looked up, its context entered and left. */
  @Benchmark
  public void streamStatus() {
    stream.status();
  }

  /** An op of one number: its descriptor copied and validated too. */
  @Benchmark
  public void smallestOp() {
    smallest.run(stream);
  }

  /** The same op recorded: validated once, then replayed. */
  @Benchmark
  public void smallestGraph() {
    graph.launch(stream);
  }

  /** Closes everything. */
  @TearDown
  public void close() {
    resources.close();
  }
}
