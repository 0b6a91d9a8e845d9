// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;

/**
 * A handle of the native library that belongs to a {@link Context}. It must be closed; a cleaner
 * only reports the ones that were forgotten, because freeing them from another thread would break
 * the rule that one thread at a time uses a context.
 */
abstract sealed class NativeObject implements AutoCloseable
    permits Buffer, Stream, Event, Graph, Communicator {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final System.Logger LOGGER = System.getLogger("org.precordia.runtime");

  private final Context context;
  private final Leak leak;
  private final Cleaner.Cleanable cleanable;
  private final MemorySegment handle;

  NativeObject(Context context, MemorySegment handle, String description) {
    this.context = context;
    this.handle = handle;
    this.leak = new Leak(description);
    this.cleanable = CLEANER.register(this, leak);
    context.adopt(getClass());
  }

  /** The context that this object belongs to. */
  public final Context context() {
    return context;
  }

  /** Whether {@link #close} has been called. */
  public final boolean closed() {
    return leak.closed;
  }

  /** The native handle. */
  final MemorySegment handle() {
    requireOpen();
    return handle;
  }

  final void requireOpen() {
    if (leak.closed) {
      throw new IllegalStateException(leak.description + " has been closed");
    }
  }

  abstract int destroy(MemorySegment handle);

  @Override
  public final void close() {
    if (leak.closed) {
      return;
    }
    context.acquire();
    try {
      context.check(destroy(handle));
      leak.closed = true;
      cleanable.clean();
      context.release(getClass());
    } finally {
      context.release();
    }
  }

  private static final class Leak implements Runnable {
    private final String description;
    private volatile boolean closed;

    Leak(String description) {
      this.description = description;
    }

    @Override
    public void run() {
      if (!closed) {
        LOGGER.log(
            System.Logger.Level.WARNING,
            "{0} was never closed; its native memory is lost until the process ends",
            description);
      }
    }
  }
}
