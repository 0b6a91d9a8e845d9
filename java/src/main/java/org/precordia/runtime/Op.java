// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.TreeMap;
import org.precordia.bindings.pcd_tensor;

/**
 * A prepared call of one op: its descriptor, filled once and launched any number of times. A launch
 * allocates nothing. The descriptor lies in the arena that the op was made with.
 */
public abstract class Op {
  private final MemorySegment descriptor;
  private final TreeMap<Long, Buffer> views = new TreeMap<>();
  private Buffer[] buffers = {};

  Op(Arena arena, MemoryLayout layout) {
    descriptor = arena.allocate(layout);
    // struct_size is the first field of every descriptor of the ABI.
    descriptor.set(ValueLayout.JAVA_INT, 0, (int) layout.byteSize());
  }

  final MemorySegment descriptor() {
    return descriptor;
  }

  /** Writes a view to a field of the descriptor; null makes it absent. */
  final void put(long fieldOffset, Tensor tensor) {
    MemorySegment field = descriptor.asSlice(fieldOffset, pcd_tensor.sizeof());
    if (tensor == null) {
      field.fill((byte) 0);
      views.remove(fieldOffset);
    } else {
      tensor.store(field);
      if (tensor.hasMemory()) {
        views.put(fieldOffset, tensor.buffer());
      } else {
        views.remove(fieldOffset);
      }
    }
    buffers = views.values().stream().distinct().toArray(Buffer[]::new);
  }

  /** Sets or clears a bit of the descriptor's flags. */
  final void flag(long flagsOffset, int bit, boolean on) {
    int flags = descriptor.get(ValueLayout.JAVA_INT, flagsOffset);
    descriptor.set(ValueLayout.JAVA_INT, flagsOffset, on ? flags | bit : flags & ~bit);
  }

  final void launch(Stream stream, Launch launch) {
    for (Buffer buffer : buffers) {
      buffer.requireOpen();
    }
    MemorySegment handle = stream.handle();
    Context context = stream.context();
    context.acquire();
    try {
      context.check(launch.call(handle, descriptor));
    } finally {
      context.release();
    }
  }

  final long query(Context context, Query query) {
    context.acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
      context.check(query.call(context.handle(), descriptor, bytes));
      return bytes.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      context.release();
    }
  }

  /** A native function that runs an op. */
  interface Launch {
    int call(MemorySegment stream, MemorySegment descriptor);
  }

  /** A native function that tells a size in bytes. */
  interface Query {
    int call(MemorySegment context, MemorySegment descriptor, MemorySegment bytes);
  }
}
