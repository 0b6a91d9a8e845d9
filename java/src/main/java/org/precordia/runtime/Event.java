// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.precordia.bindings.Precordia;

/** A point in a stream's work that others can wait for, and that times can be taken between. */
public final class Event extends NativeObject {

  Event(Context context, MemorySegment handle) {
    super(context, handle, "an event");
  }

  /** Marks the end of what is on a stream now. */
  public void record(Stream stream) {
    call(stream, Precordia::pcd_event_record);
  }

  /** Lets a stream wait for this event. */
  public void await(Stream stream) {
    call(stream, Precordia::pcd_event_wait);
  }

  /** Waits for this event. */
  public void synchronize() {
    MemorySegment event = handle();
    context().acquire();
    try {
      context().check(Precordia.pcd_event_synchronize(event));
    } finally {
      context().release();
    }
  }

  /** Milliseconds from another event to this one; both must have happened. */
  public double millisecondsSince(Event begin) {
    MemorySegment end = handle();
    context().acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_DOUBLE);
      context().check(Precordia.pcd_event_elapsed(begin.handle(), end, out));
      return out.get(ValueLayout.JAVA_DOUBLE, 0);
    } finally {
      context().release();
    }
  }

  private void call(Stream stream, Operation operation) {
    MemorySegment event = handle();
    context().acquire();
    try {
      context().check(operation.run(event, stream.handle()));
    } finally {
      context().release();
    }
  }

  @Override
  int destroy(MemorySegment handle) {
    return Precordia.pcd_event_destroy(handle);
  }

  private interface Operation {
    int run(MemorySegment event, MemorySegment stream);
  }
}
