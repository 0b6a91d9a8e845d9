// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.precordia.bindings.NativeLibrary;
import org.precordia.bindings.Precordia;

/** What one downcall costs: the ABI's smallest function. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DowncallBenchmark {
  /** Loads the library. */
  @Setup
  public void load() {
    NativeLibrary.load();
  }

  /** One call. */
  @Benchmark
  public int abiVersion() {
    return Precordia.pcd_abi_version();
  }
}
