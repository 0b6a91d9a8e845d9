// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lifetimes, errors and copies of the runtime, on the CPU backend. */
class ContextTest {
  private Context context;
  private Stream stream;

  @BeforeEach
  void open() {
    context = Context.open(Backend.CPU.select());
    stream = context.stream();
  }

  @AfterEach
  void close() {
    stream.close();
    context.close();
  }

  @Test
  void valuesGoThereAndBack() {
    try (Resources resources = new Resources()) {
      Tensor floats = resources.allocate(stream, DType.F32, 2, 3);
      floats.upload(stream, new float[] {1, 2, 3, 4, 5, 6});
      assertArrayEquals(new float[] {4, 5, 6}, floats.slice(1, 2).floats(stream));
      assertArrayEquals(
          new float[] {3, 4}, floats.reshape(6).slice(2, 4).reshape(1, 2).floats(stream));
      Tensor longs = resources.allocate(stream, DType.U64, 2);
      longs.upload(stream, new long[] {-1, 7});
      assertArrayEquals(new long[] {-1, 7}, longs.longs(stream));
      Tensor doubles = resources.allocate(stream, DType.F64, 1);
      doubles.upload(stream, new double[] {Math.PI});
      assertArrayEquals(new double[] {Math.PI}, doubles.doubles(stream));
    }
  }

  @Test
  void viewsThatDoNotFitAreRefused() {
    try (Buffer buffer = stream.buffer(16, Memory.DEVICE)) {
      assertThrows(IllegalArgumentException.class, () -> buffer.tensor(DType.F32, 5));
      Tensor tensor = buffer.tensor(DType.F32, 4);
      assertThrows(IndexOutOfBoundsException.class, () -> tensor.slice(2, 5));
      assertThrows(IllegalArgumentException.class, () -> tensor.reshape(3));
      assertThrows(IllegalArgumentException.class, () -> tensor.upload(stream, new float[3]));
      assertThrows(IllegalArgumentException.class, () -> tensor.upload(stream, new int[4]));
    }
  }

  @Test
  void wrappedMemoryIsTheCallers() {
    try (Arena arena = Arena.ofConfined()) {
      var memory = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) 3, (short) -4);
      try (Buffer buffer = context.wrap(memory)) {
        byte[] bytes = buffer.tensor(DType.I16, 2).byteValues(stream);
        assertArrayEquals(memory.toArray(ValueLayout.JAVA_BYTE), bytes);
      }
      assertEquals(3, memory.get(ValueLayout.JAVA_SHORT, 0));
    }
  }

  @Test
  void aShapeErrorCarriesTheNativeSentence() {
    try (Resources resources = new Resources()) {
      Arena arena = resources.add(Arena.ofShared());
      Tensor source = resources.allocate(stream, DType.F32, 4);
      Tensor target = resources.allocate(stream, DType.F32, 5);
      CopyOp copy = new CopyOp(arena).source(source).target(target);
      PrecordiaException error = assertThrows(PrecordiaException.class, () -> copy.run(stream));
      assertInstanceOf(ShapeException.class, error);
      assertTrue(error.getMessage().contains("copy"), error.getMessage());
    }
  }

  @Test
  void memoryBeyondTheLimitIsItsOwnException() {
    ContextOptions limited = new ContextOptions(1, 1 << 20, "");
    try (Context small = Context.open(Backend.CPU.select(), limited);
        Stream own = small.stream()) {
      assertThrows(
          OutOfDeviceMemoryException.class, () -> own.buffer(16 << 20, Memory.DEVICE).close());
    }
  }

  @Test
  void memoryIsAccountedFor() {
    long before = context.memory().inUse();
    try (Buffer buffer = stream.buffer(1 << 20, Memory.DEVICE)) {
      assertEquals(buffer.bytes(), 1 << 20);
      assertTrue(context.memory().inUse() >= before + (1 << 20));
    }
    assertEquals(before, context.memory().inUse());
  }

  @Test
  void useAfterCloseIsRefused() {
    Tensor tensor = stream.allocate(DType.F32, 4);
    try (Arena arena = Arena.ofShared()) {
      FillOp fill = new FillOp(arena).value(1).tensor(tensor);
      fill.run(stream);
      tensor.buffer().close();
      tensor.buffer().close();
      assertThrows(IllegalStateException.class, () -> fill.run(stream));
      assertThrows(IllegalStateException.class, () -> tensor.floats(stream));
    }
    Context other = Context.open(Backend.CPU.select());
    other.close();
    other.close();
    assertThrows(IllegalStateException.class, other::stream);
  }

  @Test
  void aContextOutlivesWhatBelongsToIt() {
    Context other = Context.open(Backend.CPU.select());
    Stream own = other.stream();
    IllegalStateException error = assertThrows(IllegalStateException.class, other::close);
    assertTrue(error.getMessage().contains("1 Stream"), error.getMessage());
    own.close();
    other.close();
  }

  @Test
  void oneThreadAtATime() throws InterruptedException, ExecutionException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<?> user =
          executor.submit(
              () ->
                  Graph.capture(
                          stream,
                          () -> {
                            inside.countDown();
                            await(leave);
                          })
                      .close());
      inside.await();
      assertThrows(IllegalStateException.class, () -> context.memory());
      leave.countDown();
      user.get();
    }
    assertTrue(context.memory().buffers() >= 0);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aGraphReplaysWhatWasRecorded() {
    try (Resources resources = new Resources()) {
      Arena arena = resources.add(Arena.ofShared());
      Tensor a = resources.allocate(stream, DType.F32, 4);
      Tensor b = resources.allocate(stream, DType.F32, 4);
      new FillOp(arena).value(0).tensor(b).run(stream);
      FillOp fill = new FillOp(arena).value(2.5).tensor(a);
      CopyOp copy = new CopyOp(arena).source(a).target(b);
      Graph graph =
          resources.add(
              Graph.capture(
                  stream,
                  () -> {
                    fill.run(stream);
                    copy.run(stream);
                  }));
      assertEquals(2, graph.size());
      assertArrayEquals(new float[4], b.floats(stream), "recording runs nothing");
      graph.launch(stream);
      assertArrayEquals(new float[] {2.5f, 2.5f, 2.5f, 2.5f}, b.floats(stream));
    }
  }

  @Test
  void aFailedRecordingLeavesTheStreamUsable() {
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            Graph.capture(
                stream,
                () -> {
                  throw new UnsupportedOperationException();
                }));
    try (Buffer buffer = stream.buffer(4, Memory.DEVICE)) {
      assertFalse(buffer.closed());
    }
  }

  @Test
  void theChoiceOfABackendIsExplained() {
    Backend.Selection cpu = Backend.CPU.select();
    assertEquals(Backend.CPU, cpu.backend());
    assertTrue(cpu.reason().startsWith("cpu: "), cpu.reason());
    Backend.Selection auto = Backend.AUTO.select();
    assertFalse(auto.reason().contains("\n"), auto.reason());
    if (auto.backend() == Backend.CPU) {
      assertTrue(auto.reason().contains("because CUDA cannot be used"), auto.reason());
      assertThrows(PrecordiaException.class, Backend.CUDA::select);
    }
    assertThrows(IllegalArgumentException.class, () -> Backend.of("tpu"));
    assertThrows(PrecordiaException.class, () -> Backend.CPU.select(99));
  }

  @Test
  void stepStateKeepsItsBytes() {
    try (Resources resources = new Resources()) {
      Tensor device = resources.allocate(stream, DType.U8, StepState.BYTES);
      StepState state = StepState.initial(0x123456789ABCDEFL).weights(1, 2, 3).beginEpoch(5, 8);
      state.upload(stream, device);
      StepState back = StepState.download(stream, device);
      assertArrayEquals(state.bytes(), back.bytes());
      assertEquals(5, back.epoch());
      assertEquals(0, back.step());
      assertThrows(IllegalArgumentException.class, () -> StepState.of(new byte[3]));
    }
  }
}
