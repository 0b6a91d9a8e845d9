// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.precordia.bindings.NativeMemory;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_trace_desc;
import org.precordia.bindings.pcd_trace_event;
import org.precordia.profile.NativeCall;
import org.precordia.profile.NativeCall.Kind;
import org.precordia.profile.Profile;

/**
 * Carries a context's native calls to the trace: the native library keeps an event for each call,
 * those inside a launched graph too, and this fetches them when some have gathered. Follows {@link
 * Profile#wantsCalls} at each entry into the context. All of it runs inside the context.
 */
final class CallTrace {
  /** Calls after which events are fetched; the native side keeps 16384. */
  private static final int MOST_CALLS = 64;

  private static final int BATCH = 256;

  /** In the order of PCD_TRACE_OP to PCD_TRACE_SET. */
  private static final Kind[] KINDS = Kind.values();

  private final Context context;
  private Arena arena;
  private MemorySegment events;
  private MemorySegment count;
  private MemorySegment dropped;
  private Thread caller;
  private int calls;
  private long lost;
  private boolean on;
  private boolean refused;

  CallTrace(Context context) {
    this.context = context;
  }

  /** A thread has entered the context. */
  void enter(Thread thread) {
    if (on && thread != caller) {
      fetch();
      caller = thread;
    }
    if (on != Profile.wantsCalls()) {
      if (on) {
        end();
      } else if (!refused) {
        begin(thread);
      }
    }
  }

  /** The thread is about to leave. */
  void leave() {
    if (on && ++calls >= MOST_CALLS) {
      fetch();
    }
  }

  /** The call that follows may make as many events as there is room for. */
  void manyCalls() {
    calls = MOST_CALLS;
  }

  private void begin(Thread thread) {
    if (arena == null) {
      // Shared: the context may be closed by another thread than the one that began.
      arena = Arena.ofShared();
      events = pcd_trace_event.allocateArray(BATCH, arena);
      count = arena.allocate(ValueLayout.JAVA_LONG);
      dropped = arena.allocate(ValueLayout.JAVA_LONG);
    }
    boolean device = context.backend() == Backend.CUDA;
    int status = start(device);
    if (status != Precordia.PCD_OK() && device) {
      Profile.note("no kernels and copies of the GPU in the trace: " + message());
      status = start(false);
    }
    if (status != Precordia.PCD_OK()) {
      refused = true;
      Profile.note("no native calls in the trace: " + message());
      return;
    }
    on = true;
    caller = thread;
    calls = 0;
    lost = 0;
    context.watch().counter();
  }

  private int start(boolean device) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment desc = pcd_trace_desc.allocate(local);
      desc.fill((byte) 0);
      pcd_trace_desc.struct_size(desc, (int) pcd_trace_desc.sizeof());
      pcd_trace_desc.flags(desc, device ? Precordia.PCD_TRACE_FLAG_DEVICE() : 0);
      return Precordia.pcd_trace_start(context.handle(), desc);
    }
  }

  /** Ends the trace and fetches what is left. */
  void end() {
    if (on) {
      on = false;
      if (Precordia.pcd_trace_stop(context.handle()) != Precordia.PCD_OK()) {
        Profile.note("the end of the native calls may be missing: " + message());
      }
      fetch();
    }
    if (arena != null) {
      arena.close();
      arena = null;
    }
  }

  private void fetch() {
    calls = 0;
    long read;
    do {
      if (Precordia.pcd_trace_read(context.handle(), events, BATCH, count, dropped)
          != Precordia.PCD_OK()) {
        Profile.note("native calls could not be read: " + message());
        return;
      }
      read = count.get(ValueLayout.JAVA_LONG, 0);
      for (long i = 0; i < read; i++) {
        Profile.call(decode(pcd_trace_event.asSlice(events, i)), caller);
      }
    } while (read == BATCH);
    long now = dropped.get(ValueLayout.JAVA_LONG, 0);
    if (now != lost) {
      lost = now;
      Profile.note("%d native calls were lost: too many between two readings".formatted(now));
    }
  }

  private static NativeCall decode(MemorySegment event) {
    int dtype = pcd_trace_event.dtype(event);
    long[] shape =
        LongStream.range(0, pcd_trace_event.rank(event))
            .map(axis -> pcd_trace_event.shape(event, axis))
            .toArray();
    return new NativeCall(
        KINDS[pcd_trace_event.kind(event) - Precordia.PCD_TRACE_OP()],
        pcd_trace_event.name(event).getString(0),
        pcd_trace_event.stream(event),
        pcd_trace_event.begin(event),
        pcd_trace_event.end(event),
        pcd_trace_event.bytes(event),
        pcd_trace_event.operations(event),
        dtype < 0 ? "" : DType.of(dtype).name(),
        dtype < 0 ? "" : Arrays.toString(shape));
  }

  private String message() {
    return NativeMemory.string(Precordia.pcd_context_message(context.handle()));
  }
}
