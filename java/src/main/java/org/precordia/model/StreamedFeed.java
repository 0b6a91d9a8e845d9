// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.precordia.profile.DataWaitSpan;
import org.precordia.profile.PhaseSpan;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.Event;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.Memory;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Samples that stay on the host. Two slots, each a buffer in pinned host memory and one on the
 * device: a thread fills the host's ahead of the batch that needs it, and a stream of its own
 * uploads it while the batch before it is computed. Events keep the two streams apart where they
 * share a slot: an upload waits for the batch that read the slot last, a batch waits for its
 * upload, and the thread is let into a host buffer when its upload has happened.
 */
final class StreamedFeed implements WindowFeed {
  private static final int SLOTS = 2;

  private final Resources resources = new Resources();
  private final Stream compute;
  private final Stream uploads;
  private final Excerpts excerpts;
  private final List<Slot> slots = new ArrayList<>();
  private final ExecutorService thread;
  private Excerpts.Epoch epoch;
  private int at;
  private int end;

  /** A place for one batch; its events are waited for once they have been recorded. */
  private final class Slot {
    private final Tensor samples;
    private final Tensor table;
    private final MemorySegment hostSamples;
    private final MemorySegment hostTable;
    private final CopyOp copySamples;
    private final CopyOp copyTable;
    private final Event uploaded;
    private final Event read;
    private Future<?> filled;
    private boolean wasUploaded;
    private boolean wasRead;

    Slot(Arena arena) {
      samples = resources.allocate(compute, DType.I16, excerpts.samples());
      table = resources.allocate(compute, DType.I64, excerpts.rows(), Excerpts.NUMBERS);
      Tensor pinned = resources.own(uploads.allocate(Memory.HOST, DType.I16, excerpts.samples()));
      Tensor pinnedTable =
          resources.own(
              uploads.allocate(Memory.HOST, DType.I64, excerpts.rows(), Excerpts.NUMBERS));
      hostSamples = pinned.buffer().hostView(arena);
      hostTable = pinnedTable.buffer().hostView(arena);
      // An excerpt may be shorter than its place: what lies between is uploaded, and never read.
      hostSamples.fill((byte) 0);
      copySamples = new CopyOp(arena).source(pinned).target(samples);
      copyTable = new CopyOp(arena).source(pinnedTable).target(table);
      uploaded = resources.add(compute.context().event());
      read = resources.add(compute.context().event());
    }

    void fill(int number) {
      Excerpts.Epoch current = epoch;
      filled =
          thread.submit(
              () -> {
                try (PhaseSpan _ = new PhaseSpan("prefetch", "batch " + number)) {
                  excerpts.copy(current, number, hostSamples, hostTable);
                }
              });
    }

    /** Waits until neither the thread nor an upload touches the host's buffer. */
    void settle() {
      if (filled != null) {
        await(filled);
        filled = null;
      }
      if (wasUploaded) {
        uploaded.synchronize();
      }
    }

    void upload() {
      try (DataWaitSpan _ = new DataWaitSpan(at)) {
        await(filled);
      }
      filled = null;
      if (wasRead) {
        read.await(uploads);
      }
      copySamples.run(uploads);
      copyTable.run(uploads);
      uploaded.record(uploads);
      wasUploaded = true;
      uploaded.await(compute);
    }

    void wasRead() {
      read.record(compute);
      wasRead = true;
    }
  }

  /**
   * Prepares both slots.
   *
   * @param compute the stream that gathers run on
   */
  StreamedFeed(Stream compute, Excerpts excerpts) {
    this.compute = compute;
    this.excerpts = excerpts;
    boolean complete = false;
    try {
      uploads = resources.add(compute.context().stream());
      Arena arena = resources.add(Arena.ofShared());
      for (int i = 0; i < SLOTS; i++) {
        slots.add(new Slot(arena));
      }
      // Closed first, and closing it waits for the copy in progress.
      thread =
          resources.add(
              Executors.newSingleThreadExecutor(
                  Thread.ofPlatform().daemon().name("precordia-prefetch").factory()));
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  @Override
  public int slots() {
    return SLOTS;
  }

  @Override
  public void attach(GatherAugmentOp gather, int slot, int view, int from, int to) {
    Slot place = slots.get(slot);
    gather
        .samples(place.samples)
        .excerpts(place.table.slice(excerpts.row(view, from), excerpts.row(view, to)));
  }

  @Override
  public void begin(List<int[]> views, long seed, long number, int first, int last) {
    slots.forEach(Slot::settle);
    epoch = new Excerpts.Epoch(List.copyOf(views), seed, number);
    at = first;
    end = last;
    for (int i = first; i < Math.min(first + SLOTS, last); i++) {
      slots.get(i % SLOTS).fill(i);
    }
  }

  @Override
  public int next() {
    if (at >= end) {
      throw new IllegalStateException("no batch is left: begin names " + end + " of them");
    }
    slots.get(at % SLOTS).upload();
    return at % SLOTS;
  }

  @Override
  public void launched() {
    Slot slot = slots.get(at % SLOTS);
    slot.wasRead();
    if (at + SLOTS < end) {
      // The upload waits for the batch before the last one alone: the device has work meanwhile.
      slot.settle();
      slot.fill(at + SLOTS);
    }
    at++;
  }

  private static void await(Future<?> task) {
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for windows to be read", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("windows could not be read from the data", e.getCause());
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      // Buffers may go to other work of their stream at once, so none may be in use by the other.
      uploads.synchronize();
      compute.synchronize();
    } finally {
      resources.close();
    }
  }
}
