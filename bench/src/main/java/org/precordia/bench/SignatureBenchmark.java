// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What a downcall costs by the types of its arguments: functions of the C library that have next to
 * nothing to do. {@code critical} calls leave out the transition of the thread's state, which
 * Precordia keeps: an op may take long, and a garbage collection would wait for it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SignatureBenchmark {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final FunctionDescriptor OF_INT =
      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final FunctionDescriptor OF_MEMORY =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
  private static final MethodHandle ABS = function("abs", OF_INT);
  private static final MethodHandle ABS_CRITICAL =
      function("abs", OF_INT, Linker.Option.critical(false));
  private static final MethodHandle LABS =
      function("labs", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FABS =
      function("fabs", FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, ValueLayout.JAVA_DOUBLE));
  private static final MethodHandle STRLEN =
      function("strlen", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
  private static final MethodHandle MEMCMP = function("memcmp", OF_MEMORY);
  private static final MethodHandle MEMCMP_CRITICAL =
      function("memcmp", OF_MEMORY, Linker.Option.critical(false));
  private static final MethodHandle MEMCMP_HEAP =
      function("memcmp", OF_MEMORY, Linker.Option.critical(true));

  private int number = -7;
  private MemorySegment first;
  private MemorySegment second;
  private MemorySegment onHeap;

  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().find(name).orElseThrow(), descriptor, options);
  }

  /** Makes arguments; the first byte ends a string. */
  @Setup
  public void prepare() {
    first = Arena.global().allocate(64);
    second = Arena.global().allocate(64);
    onHeap = MemorySegment.ofArray(new byte[64]);
  }

  /** {@code int (int)}. */
  @Benchmark
  public int ofInt() throws Throwable {
    return (int) ABS.invokeExact(number);
  }

  /** {@code int (int)}, without a transition of state. */
  @Benchmark
  public int ofIntCritical() throws Throwable {
    return (int) ABS_CRITICAL.invokeExact(number);
  }

  /** {@code long (long)}. */
  @Benchmark
  public long ofLong() throws Throwable {
    return (long) LABS.invokeExact((long) number);
  }

  /** {@code double (double)}. */
  @Benchmark
  public double ofDouble() throws Throwable {
    return (double) FABS.invokeExact((double) number);
  }

  /** {@code long (pointer)}: the segment's session is held during the call. */
  @Benchmark
  public long ofPointer() throws Throwable {
    return (long) STRLEN.invokeExact(first);
  }

  /** {@code int (pointer, pointer, long)}: the form of most functions of the ABI. */
  @Benchmark
  public int ofPointers() throws Throwable {
    return (int) MEMCMP.invokeExact(first, second, 0L);
  }

  /** {@code int (pointer, pointer, long)}, without a transition of state. */
  @Benchmark
  public int ofPointersCritical() throws Throwable {
    return (int) MEMCMP_CRITICAL.invokeExact(first, second, 0L);
  }

  /** The same with one pointer into an array on the heap. */
  @Benchmark
  public int ofHeapCritical() throws Throwable {
    return (int) MEMCMP_HEAP.invokeExact(onHeap, second, 0L);
  }
}
