// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.precordia.bindings.Precordia;

/**
 * A queue of work that runs in order. A CPU stream runs each piece at the call; on a GPU the call
 * returns at once, and faults come up in {@link #synchronize} or {@link #status}.
 */
public final class Stream extends NativeObject {

  Stream(Context context, MemorySegment handle) {
    super(context, handle, "a stream");
  }

  /**
   * Allocates a tensor in a buffer of its own, in device memory.
   *
   * @return a tensor that covers the whole buffer; {@code tensor.buffer().close()} frees it
   */
  public Tensor allocate(DType dtype, long... shape) {
    return allocate(Memory.DEVICE, dtype, shape);
  }

  /** Allocates a tensor in a buffer of its own. */
  public Tensor allocate(Memory memory, DType dtype, long... shape) {
    long bytes = Tensor.count(shape) * dtype.bytes();
    return buffer(bytes, memory).tensor(dtype, shape);
  }

  /**
   * Allocates a buffer; a freed block is reused in order on this stream.
   *
   * @throws OutOfDeviceMemoryException if there is no memory left
   */
  public Buffer buffer(long bytes, Memory memory) {
    MemorySegment stream = handle();
    context().acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      context().check(Precordia.pcd_buffer_create(stream, bytes, memory.code(), out));
      return new Buffer(context(), out.get(ValueLayout.ADDRESS, 0), bytes, memory, null);
    } finally {
      context().release();
    }
  }

  /** Waits until everything on the stream is done, and reports asynchronous faults. */
  public void synchronize() {
    call(Precordia::pcd_stream_synchronize);
  }

  /** Reports asynchronous faults so far, without waiting. */
  public void status() {
    call(Precordia::pcd_stream_status);
  }

  /** The {@code cudaStream_t}, for other libraries that compute on it; NULL on the CPU. */
  public MemorySegment nativeHandle() {
    return Precordia.pcd_stream_native_handle(handle());
  }

  private void call(Operation operation) {
    MemorySegment stream = handle();
    context().acquire();
    try {
      context().check(operation.run(stream));
    } finally {
      context().release();
    }
  }

  @Override
  int destroy(MemorySegment handle) {
    return Precordia.pcd_stream_destroy(handle);
  }

  private interface Operation {
    int run(MemorySegment stream);
  }
}
