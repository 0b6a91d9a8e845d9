// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Memory;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** Lifetimes of native memory, Java's arenas and the library's buffers, and small transfers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MemoryBenchmark {
  /** Numbers of a tensor. */
  @Param({"64", "16384"})
  public int count;

  private final Resources resources = new Resources();
  private Stream stream;
  private Tensor tensor;
  private float[] values;
  private MemorySegment outside;

  /** Opens a stream, and a tensor for the transfers. */
  @Setup
  public void prepare() {
    Context context = resources.add(Context.open(Backend.CPU.select()));
    stream = resources.add(context.stream());
    tensor = resources.allocate(stream, DType.F32, count);
    values = new float[count];
    tensor.upload(stream, values);
    outside = resources.add(Arena.ofShared()).allocate(4L * count);
  }

  /** An arena of one thread. */
  @Benchmark
  public long confinedArena() {
    try (Arena arena = Arena.ofConfined()) {
      return arena.allocate(4L * count).address();
    }
  }

  /** An arena of all threads: closing it asks every thread whether it is inside. */
  @Benchmark
  public long sharedArena() {
    try (Arena arena = Arena.ofShared()) {
      return arena.allocate(4L * count).address();
    }
  }

  /** A buffer of the library's pool, back to the pool at once. */
  @Benchmark
  public long buffer() {
    try (var buffer = stream.buffer(4L * count, Memory.DEVICE)) {
      return buffer.bytes();
    }
  }

  /** A Java array to the device. */
  @Benchmark
  public void uploadArray() {
    tensor.upload(stream, values);
  }

  /** Native memory to the device. */
  @Benchmark
  public void uploadSegment() {
    tensor.upload(stream, outside);
  }

  /** From the device to a new Java array. */
  @Benchmark
  public float[] downloadArray() {
    return tensor.floats(stream);
  }

  /** Closes everything. */
  @TearDown
  public void close() {
    resources.close();
  }
}
