// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_tensor;

/**
 * A dense, row-major view of a buffer: element type and up to four extents. Immutable; slices and
 * reshapes are views of the same memory.
 */
public final class Tensor {
  private static final int MAX_RANK = 4;

  private final Buffer buffer;
  private final long offset;
  private final DType dtype;
  private final long[] shape;

  Tensor(Buffer buffer, long offset, DType dtype, long... shape) {
    this.buffer = buffer;
    this.offset = offset;
    this.dtype = dtype;
    this.shape = shape.clone();
    long bytes = count(shape) * dtype.bytes();
    if (buffer != null && (offset < 0 || offset + bytes > buffer.bytes())) {
      throw new IllegalArgumentException(
          "a view %s %s of %d bytes at %d does not fit into a buffer of %d bytes"
              .formatted(dtype, Arrays.toString(shape), bytes, offset, buffer.bytes()));
    }
  }

  /** A shape without memory, for asking an op how much scratch memory it needs. */
  public static Tensor shapeOnly(DType dtype, long... shape) {
    return new Tensor(null, 0, dtype, shape);
  }

  /** Number of elements of a shape. */
  public static long count(long... shape) {
    if (shape.length > MAX_RANK) {
      throw new IllegalArgumentException("a tensor has at most 4 extents, not " + shape.length);
    }
    long count = 1;
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException("an extent is negative: " + Arrays.toString(shape));
      }
      count = Math.multiplyExact(count, extent);
    }
    return count;
  }

  /** The memory that this views. */
  public Buffer buffer() {
    return Objects.requireNonNull(buffer, "the tensor is a shape without memory");
  }

  boolean hasMemory() {
    return buffer != null;
  }

  /** Element type. */
  public DType dtype() {
    return dtype;
  }

  /** Number of extents. */
  public int rank() {
    return shape.length;
  }

  /** The extents, a copy. */
  public long[] shape() {
    return shape.clone();
  }

  /** One extent. */
  public long extent(int dimension) {
    return shape[dimension];
  }

  /** Number of elements. */
  public long count() {
    return count(shape);
  }

  /** Size in bytes. */
  public long bytes() {
    return count() * dtype.bytes();
  }

  /** Rows [begin, end) of the first dimension. */
  public Tensor slice(long begin, long end) {
    if (shape.length == 0 || begin < 0 || end < begin || end > shape[0]) {
      throw new IndexOutOfBoundsException(
          "rows [%d, %d) of %s".formatted(begin, end, Arrays.toString(shape)));
    }
    long[] part = shape.clone();
    part[0] = end - begin;
    long row = shape[0] == 0 ? 0 : bytes() / shape[0];
    return new Tensor(buffer, offset + begin * row, dtype, part);
  }

  /** The same elements in another shape. */
  public Tensor reshape(long... other) {
    if (count(other) != count()) {
      throw new IllegalArgumentException(
          "%s has %d elements, %s has %d"
              .formatted(Arrays.toString(shape), count(), Arrays.toString(other), count(other)));
    }
    return new Tensor(buffer, offset, dtype, other);
  }

  /** Copies values into an F32 tensor, in stream order. */
  public void upload(Stream stream, float[] values) {
    require(DType.F32, values.length);
    try (Arena arena = Arena.ofConfined()) {
      upload(stream, arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
    }
  }

  /** Copies values into an F64 tensor, in stream order. */
  public void upload(Stream stream, double[] values) {
    require(DType.F64, values.length);
    try (Arena arena = Arena.ofConfined()) {
      upload(stream, arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values));
    }
  }

  /** Copies values into an I32 tensor, in stream order. */
  public void upload(Stream stream, int[] values) {
    require(DType.I32, values.length);
    try (Arena arena = Arena.ofConfined()) {
      upload(stream, arena.allocateFrom(ValueLayout.JAVA_INT, values));
    }
  }

  /** Copies values into an I64 or U64 tensor, in stream order. */
  public void upload(Stream stream, long[] values) {
    require(dtype == DType.U64 ? DType.U64 : DType.I64, values.length);
    try (Arena arena = Arena.ofConfined()) {
      upload(stream, arena.allocateFrom(ValueLayout.JAVA_LONG, values));
    }
  }

  /** Copies native memory of this tensor's size into it, in stream order. */
  public void upload(Stream stream, MemorySegment source) {
    requireBytes(source);
    Context context = stream.context();
    MemorySegment handle = stream.handle();
    context.acquire();
    try (Arena arena = Arena.ofConfined()) {
      context.check(Precordia.pcd_upload(handle, source, bytes(), describe(arena)));
    } finally {
      context.release();
    }
  }

  /** Copies this tensor into native memory of its size and waits for it. */
  public void download(Stream stream, MemorySegment target) {
    requireBytes(target);
    Context context = stream.context();
    MemorySegment handle = stream.handle();
    context.acquire();
    try (Arena arena = Arena.ofConfined()) {
      context.check(Precordia.pcd_download(handle, describe(arena), target, bytes()));
    } finally {
      context.release();
    }
  }

  /** The values of an F32 tensor. */
  public float[] floats(Stream stream) {
    require(DType.F32, count());
    try (Arena arena = Arena.ofConfined()) {
      return fetch(stream, arena).toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  /** The values of an F64 tensor. */
  public double[] doubles(Stream stream) {
    require(DType.F64, count());
    try (Arena arena = Arena.ofConfined()) {
      return fetch(stream, arena).toArray(ValueLayout.JAVA_DOUBLE);
    }
  }

  /** The values of an I32 tensor. */
  public int[] ints(Stream stream) {
    require(DType.I32, count());
    try (Arena arena = Arena.ofConfined()) {
      return fetch(stream, arena).toArray(ValueLayout.JAVA_INT);
    }
  }

  /** The values of an I64 or U64 tensor. */
  public long[] longs(Stream stream) {
    require(dtype == DType.U64 ? DType.U64 : DType.I64, count());
    try (Arena arena = Arena.ofConfined()) {
      return fetch(stream, arena).toArray(ValueLayout.JAVA_LONG);
    }
  }

  /** The bytes of a tensor of any type. */
  public byte[] byteValues(Stream stream) {
    try (Arena arena = Arena.ofConfined()) {
      return fetch(stream, arena).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private MemorySegment fetch(Stream stream, Arena arena) {
    MemorySegment host = arena.allocate(Math.max(1, bytes()), Long.BYTES).asSlice(0, bytes());
    download(stream, host);
    return host;
  }

  private MemorySegment describe(Arena arena) {
    MemorySegment struct = pcd_tensor.allocate(arena);
    store(struct);
    return struct;
  }

  /** Writes this view into a {@code pcd_tensor}. */
  void store(MemorySegment struct) {
    pcd_tensor.buffer(struct, buffer == null ? MemorySegment.NULL : buffer.handle());
    pcd_tensor.offset(struct, offset);
    pcd_tensor.dtype(struct, dtype.code());
    pcd_tensor.rank(struct, shape.length);
    for (int i = 0; i < MAX_RANK; i++) {
      pcd_tensor.shape(struct, i, i < shape.length ? shape[i] : 1);
    }
  }

  private void require(DType wanted, long values) {
    if (dtype != wanted) {
      throw new IllegalArgumentException("the tensor holds " + dtype + ", not " + wanted);
    }
    if (values != count()) {
      throw new IllegalArgumentException(
          "%d values for a tensor %s".formatted(values, Arrays.toString(shape)));
    }
  }

  private void requireBytes(MemorySegment memory) {
    if (memory.byteSize() != bytes()) {
      throw new IllegalArgumentException(
          "%d bytes of host memory for a tensor of %d bytes".formatted(memory.byteSize(), bytes()));
    }
  }

  @Override
  public String toString() {
    return dtype + Arrays.toString(shape);
  }
}
