// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.precordia.bindings.Precordia;

/** Recorded work that is launched as a whole, any number of times, on the same memory. */
public final class Graph extends NativeObject {

  private Graph(Context context, MemorySegment handle) {
    super(context, handle, "a graph");
  }

  /**
   * Records what an action calls on a stream, without running it.
   *
   * @param stream the stream to record on
   * @param action launches ops on the stream; must not upload, download or allocate
   */
  public static Graph capture(Stream stream, Runnable action) {
    Context context = stream.context();
    MemorySegment handle = stream.handle();
    context.acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      context.check(Precordia.pcd_graph_begin(handle));
      boolean complete = false;
      try {
        action.run();
        complete = true;
      } finally {
        int status = Precordia.pcd_graph_end(handle, out);
        if (complete) {
          context.check(status);
        } else if (status == Precordia.PCD_OK()) {
          Precordia.pcd_graph_destroy(out.get(ValueLayout.ADDRESS, 0));
        }
      }
      return new Graph(context, out.get(ValueLayout.ADDRESS, 0));
    } finally {
      context.release();
    }
  }

  /** Runs the recorded work on a stream. */
  public void launch(Stream stream) {
    MemorySegment graph = handle();
    context().acquire();
    try {
      context().trace().manyCalls();
      context().check(Precordia.pcd_graph_launch(graph, stream.handle()));
    } finally {
      context().release();
    }
  }

  /** Number of recorded ops. */
  public long size() {
    MemorySegment graph = handle();
    context().acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      context().check(Precordia.pcd_graph_size(graph, out));
      return out.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      context().release();
    }
  }

  @Override
  int destroy(MemorySegment handle) {
    return Precordia.pcd_graph_destroy(handle);
  }
}
