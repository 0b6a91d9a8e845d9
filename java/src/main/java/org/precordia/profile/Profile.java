// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The trace of this process: at most one at a time, and none unless asked for. Spans and native
 * calls go to it while it records, which without a range of steps is always.
 */
public final class Profile {
  private static final long HEAP_EVERY_NANOS = 10_000_000;

  private static volatile Session session;
  private static volatile boolean recording;

  private Profile() {}

  /** Whether a trace takes what happens now. */
  public static boolean recording() {
    return recording;
  }

  /** Whether anybody wants to know of native calls: a trace, or a recording with Op events. */
  public static boolean wantsCalls() {
    return recording || OpEvent.wanted();
  }

  /**
   * Begins a trace.
   *
   * @param file where it goes; compressed when its name ends in {@code .gz}
   * @param title what runs, for example {@code precordia train}
   * @param steps steps of training that it is limited to
   * @param patienceSeconds how long an end of the process (Ctrl-C) waits for {@link Session#close};
   *     after that, the trace is completed as it is
   * @throws IllegalStateException when one is open already
   */
  public static Session start(Path file, String title, StepRange steps, long patienceSeconds)
      throws IOException {
    if (session != null) {
      throw new IllegalStateException("a trace is being written already: " + session.file());
    }
    Session started = new Session(new TraceFile(file), title, steps, patienceSeconds);
    session = started;
    recording = steps.equals(StepRange.ALL);
    return started;
  }

  /** Training is about to begin with a step of the run, from 1. */
  public static void step(long number) {
    Session current = session;
    if (current != null && !current.steps.equals(StepRange.ALL)) {
      recording = current.steps.contains(number);
    }
  }

  /** A figure that holds from now on. */
  public static void counter(String name, double value) {
    Session current = session;
    if (recording && current != null) {
      current.trace.counter(name, System.nanoTime(), values -> values.put("value", value));
    }
  }

  /** What a user should know of the trace. */
  public static void note(String text) {
    Session current = session;
    if (current != null && !current.notes.contains(text)) {
      current.notes.add(text);
      current.trace.note("note", args -> args.put("text", text));
    }
  }

  /** A native call, made by a thread. */
  public static void call(NativeCall call, Thread thread) {
    OpEvent.tell(call);
    Session current = session;
    if (current != null) {
      current.call(call, thread);
    }
  }

  static void span(Span span, long begin, long end) {
    Session current = session;
    if (current != null) {
      current.span(span, begin, end);
    }
  }

  /** A trace that is being written. */
  public static final class Session implements AutoCloseable {
    private final TraceFile trace;
    private final StepRange steps;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;
    private volatile long heapTold;

    private Session(TraceFile trace, String title, StepRange steps, long patienceSeconds) {
      this.trace = trace;
      this.steps = steps;
      trace.process(TraceFile.HOST, title);
      trace.note(
          "run",
          args ->
              args.put("java", Runtime.version().toString())
                  .put("pid", ProcessHandle.current().pid()));
      hook = new Thread(() -> completeAtExit(patienceSeconds), "precordia-profile");
      Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Where the trace will lie. */
    public Path file() {
      return trace.file();
    }

    /** What a user should know of the trace, in order. */
    public List<String> notes() {
      return List.copyOf(notes);
    }

    private void span(Span span, long begin, long end) {
      trace.complete(
          TraceFile.HOST,
          TraceFile.Track.current(),
          span.category(),
          span.title(),
          begin,
          end,
          span::describe);
      if (end - heapTold >= HEAP_EVERY_NANOS) {
        heapTold = end;
        Runtime runtime = Runtime.getRuntime();
        long used = runtime.totalMemory() - runtime.freeMemory();
        trace.counter("Java heap", end, values -> values.put("bytes", used));
      }
    }

    private void call(NativeCall call, Thread thread) {
      boolean device = call.kind().device();
      trace.complete(
          device ? TraceFile.DEVICE : TraceFile.HOST,
          device
              ? new TraceFile.Track(call.stream(), "stream " + call.stream())
              : TraceFile.Track.of(thread),
          call.kind().title(),
          call.name(),
          call.begin(),
          call.end(),
          call::describe);
    }

    private void completeAtExit(long patienceSeconds) {
      try {
        if (!closed.await(patienceSeconds, TimeUnit.SECONDS)) {
          end();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        System.getLogger("org.precordia.profile")
            .log(System.Logger.Level.WARNING, "the trace could not be completed", e);
      }
    }

    private void end() throws IOException {
      recording = false;
      session = null;
      trace.close();
    }

    /**
     * Completes the file.
     *
     * @throws IOException when it could not be written
     */
    @Override
    public void close() throws IOException {
      try {
        end();
      } finally {
        closed.countDown();
        removeHook();
      }
    }

    private void removeHook() {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException alreadyEnding) {
        // The hook is what waits for this close.
        return;
      }
    }
  }
}
