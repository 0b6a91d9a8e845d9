// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.precordia.bindings.NativeMemory;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_context_desc;
import org.precordia.bindings.pcd_memory_info;

/**
 * A device in use: the owner of streams, buffers, events and graphs.
 *
 * <p>One thread at a time may use a context and all that belongs to it; a call from a second thread
 * while another is inside throws {@link IllegalStateException}. Everything of a context must be
 * closed before the context.
 */
public final class Context implements AutoCloseable {
  private final Backend backend;
  private final DeviceInfo device;
  private final MemorySegment handle;
  private final AtomicReference<Thread> user = new AtomicReference<>();
  private final Map<String, Integer> children = new TreeMap<>();
  private final MemoryWatch memory = new MemoryWatch(this);
  private final CallTrace trace = new CallTrace(this);
  private int depth;
  private boolean closed;

  private Context(Backend backend, DeviceInfo device, MemorySegment handle) {
    this.backend = backend;
    this.device = device;
    this.handle = handle;
  }

  /** Opens a context on a chosen device with default options. */
  public static Context open(Backend.Selection selection) {
    return open(selection, ContextOptions.DEFAULT);
  }

  /**
   * Opens a context on a chosen device.
   *
   * @throws PrecordiaException if the device cannot be used
   */
  public static Context open(Backend.Selection selection, ContextOptions options) {
    Devices.library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = pcd_context_desc.allocate(arena);
      pcd_context_desc.struct_size(desc, (int) pcd_context_desc.sizeof());
      pcd_context_desc.backend(desc, selection.backend().code());
      pcd_context_desc.device(desc, selection.device().index());
      pcd_context_desc.threads(desc, options.threads());
      pcd_context_desc.memory_limit(desc, options.memoryLimit());
      pcd_context_desc.instruction_set(desc).setString(0, options.instructionSet());
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment message = arena.allocate(Devices.MESSAGE_BYTES);
      Devices.check(
          Precordia.pcd_context_create(desc, out, message, Devices.MESSAGE_BYTES), message);
      Context context =
          new Context(selection.backend(), selection.device(), out.get(ValueLayout.ADDRESS, 0));
      context.memory.begin();
      return context;
    }
  }

  /** CPU or CUDA. */
  public Backend backend() {
    return backend;
  }

  /** The device. */
  public DeviceInfo device() {
    return device;
  }

  /** Opens a stream. */
  public Stream stream() {
    return new Stream(this, create(Precordia::pcd_stream_create));
  }

  /** Makes an event, not yet recorded. */
  public Event event() {
    return new Event(this, create(Precordia::pcd_event_create));
  }

  /**
   * Makes a buffer over memory that stays the caller's.
   *
   * @param data native memory that outlives the buffer: host memory on a CPU context, for example a
   *     mapped file
   */
  public Buffer wrap(MemorySegment data) {
    if (!data.isNative()) {
      throw new IllegalArgumentException("only native memory can be wrapped, not a Java array");
    }
    MemorySegment buffer =
        create((context, out) -> Precordia.pcd_buffer_wrap(context, data, data.byteSize(), out));
    return new Buffer(this, buffer, data.byteSize(), Memory.DEVICE, data);
  }

  /** How much memory the context holds. */
  public MemoryInfo memory() {
    acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = pcd_memory_info.allocate(arena);
      pcd_memory_info.struct_size(info, (int) pcd_memory_info.sizeof());
      check(Precordia.pcd_memory_query(handle, info));
      return new MemoryInfo(
          pcd_memory_info.in_use(info),
          pcd_memory_info.cached(info),
          pcd_memory_info.peak(info),
          pcd_memory_info.limit(info),
          pcd_memory_info.buffers(info));
    } finally {
      release();
    }
  }

  /** Returns cached blocks to the system and sets the peak to what is in use. */
  public void trim() {
    acquire();
    try {
      check(Precordia.pcd_memory_trim(handle));
    } finally {
      release();
    }
  }

  /**
   * Closes the context.
   *
   * @throws IllegalStateException if something that belongs to it is still open
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    acquire();
    try {
      if (!children.isEmpty()) {
        throw new IllegalStateException(
            "a context cannot be closed before what belongs to it; still open: "
                + children.entrySet().stream()
                    .map(child -> child.getValue() + " " + child.getKey())
                    .collect(Collectors.joining(", ")));
      }
      trace.end();
      int status = Precordia.pcd_context_destroy(handle);
      if (status != Precordia.PCD_OK()) {
        throw PrecordiaException.of(status, message());
      }
      closed = true;
      memory.end();
    } finally {
      release();
    }
  }

  /** Enters the context; every call that reaches the native library does so between the two. */
  void acquire() {
    Thread current = Thread.currentThread();
    Thread owner = user.get();
    if (owner != current && !user.compareAndSet(null, current)) {
      throw new IllegalStateException(
          "a context is used by one thread at a time: %s called while another thread was inside"
              .formatted(current.getName()));
    }
    if (closed) {
      user.set(null);
      throw new IllegalStateException("the context has been closed");
    }
    if (depth++ == 0) {
      trace.enter(current);
    }
  }

  void release() {
    if (depth == 1) {
      trace.leave();
    }
    if (--depth == 0) {
      user.set(null);
    }
  }

  /** What the context's calls are told to; used between {@link #acquire} and {@link #release}. */
  CallTrace trace() {
    return trace;
  }

  /** What the context's buffers take. */
  MemoryWatch watch() {
    return memory;
  }

  void adopt(Class<?> kind) {
    children.merge(kind.getSimpleName(), 1, Integer::sum);
  }

  void release(Class<?> kind) {
    children.computeIfPresent(kind.getSimpleName(), (name, n) -> n == 1 ? null : n - 1);
  }

  /** Turns a status into an exception with the context's sentence. */
  void check(int status) {
    if (status != Precordia.PCD_OK()) {
      throw PrecordiaException.of(status, message());
    }
  }

  MemorySegment handle() {
    return handle;
  }

  private String message() {
    return NativeMemory.string(Precordia.pcd_context_message(handle));
  }

  private MemorySegment create(Creator creator) {
    acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      check(creator.create(handle, out));
      return out.get(ValueLayout.ADDRESS, 0);
    } finally {
      release();
    }
  }

  private interface Creator {
    int create(MemorySegment context, MemorySegment out);
  }
}
