// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.FlightRecorder;
import org.precordia.profile.NativeMemoryEvent;
import org.precordia.profile.Profile;

/**
 * What the open buffers of a context take, for traces and the Flight Recorder. Counted here and not
 * asked of the native library, because the recorder asks from a thread of its own, and a context
 * has one user at a time.
 */
final class MemoryWatch {
  private static final Set<MemoryWatch> OPEN = ConcurrentHashMap.newKeySet();

  private static final AtomicBoolean REGISTERED = new AtomicBoolean();

  private final Context context;
  // Written by the context's user alone, read by the recorder's thread.
  private volatile long inUse;
  private volatile long peak;
  private volatile long buffers;

  MemoryWatch(Context context) {
    this.context = context;
  }

  void begin() {
    OPEN.add(this);
    register();
  }

  /** Not before a recorder is there: registering starts a part of it, which takes its time. */
  private static void register() {
    if (FlightRecorder.isInitialized() && REGISTERED.compareAndSet(false, true)) {
      FlightRecorder.addPeriodicEvent(NativeMemoryEvent.class, MemoryWatch::tell);
    }
  }

  void end() {
    OPEN.remove(this);
  }

  void opened(long bytes) {
    set(inUse + bytes, buffers + 1);
  }

  void closed(long bytes) {
    set(inUse - bytes, buffers - 1);
  }

  private void set(long bytes, long count) {
    inUse = bytes;
    peak = Math.max(peak, bytes);
    buffers = count;
    register();
    if (Profile.recording()) {
      counter();
    }
  }

  /** Says what is in use now. */
  void counter() {
    Profile.counter("native memory, " + context.device().name(), inUse);
  }

  private static void tell() {
    for (MemoryWatch watch : OPEN) {
      new NativeMemoryEvent(watch.context.device().name(), watch.inUse, watch.peak, watch.buffers)
          .commit();
    }
  }
}
