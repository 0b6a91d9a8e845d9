// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.precordia.bindings.NativeMemory;
import org.precordia.bindings.Precordia;

/** A block of device or host memory, aligned to 256 bytes and uninitialised at first. */
public final class Buffer extends NativeObject {
  private final long bytes;
  private final Memory memory;

  // Keeps wrapped memory reachable for as long as the buffer is.
  @SuppressWarnings({"unused", "FieldCanBeLocal"})
  private final MemorySegment wrapped;

  Buffer(Context context, MemorySegment handle, long bytes, Memory memory, MemorySegment wrapped) {
    super(context, handle, "a %s buffer of %d bytes".formatted(memory, bytes));
    this.bytes = bytes;
    this.memory = memory;
    this.wrapped = wrapped;
    if (wrapped == null) {
      context.watch().opened(bytes);
    }
  }

  /** Size in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Where the buffer lies. */
  public Memory memory() {
    return memory;
  }

  /** The whole buffer as a tensor. */
  public Tensor tensor(DType dtype, long... shape) {
    return new Tensor(this, 0, dtype, shape);
  }

  /**
   * The buffer's memory, readable by the host for as long as an arena lives and the buffer is open.
   *
   * @throws IllegalStateException for device memory that is not the host's
   */
  public MemorySegment hostView(Arena arena) {
    if (memory != Memory.HOST && context().backend() != Backend.CPU) {
      throw new IllegalStateException("device memory cannot be read by the host: download it");
    }
    return NativeMemory.view(Precordia.pcd_buffer_data(handle()), bytes, arena);
  }

  /**
   * Address in the device's memory, for other libraries that compute on it. Not to be read by the
   * host: {@link #hostView} is.
   */
  public MemorySegment deviceAddress() {
    return Precordia.pcd_buffer_data(handle());
  }

  @Override
  int destroy(MemorySegment handle) {
    int status = Precordia.pcd_buffer_destroy(handle);
    if (status == Precordia.PCD_OK() && wrapped == null) {
      context().watch().closed(bytes);
    }
    return status;
  }
}
