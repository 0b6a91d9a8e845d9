// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.precordia.data.Lead;
import org.precordia.data.Shard;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.MemoryInfo;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The records of a shard for a device: the table of records and their label masks in its memory,
 * and the samples where a {@link DataPlacement} puts them.
 */
public final class DeviceRecords implements AutoCloseable {
  private final Resources resources = new Resources();
  private final Stream stream;
  private final Shard shard; // null for records that are in memory
  private final Tensor samples;
  private final Tensor records;
  private final Tensor labels;
  private final int labelWords;

  /**
   * Places a shard's records.
   *
   * @param shard must stay open until this is closed
   * @param labelMasks {@code [record][words]}, or null when no op asks for labels
   */
  public DeviceRecords(Stream stream, Shard shard, long[][] labelMasks, DataPlacement placement) {
    this.stream = stream;
    this.shard = shard;
    boolean complete = false;
    try {
      samples = samples(placement);
      int n = shard.records();
      long[] table = new long[2 * n];
      for (int i = 0; i < n; i++) {
        table[2 * i] = shard.offset(i);
        table[2 * i + 1] = shard.length(i);
      }
      records = resources.allocate(stream, DType.I64, n, 2);
      records.upload(stream, table);
      labelWords = labelMasks == null ? 0 : labelMasks[0].length;
      labels = labelMasks == null ? null : resources.allocate(stream, DType.U64, n, labelWords);
      if (labelMasks != null) {
        long[] flat = new long[n * labelWords];
        for (int i = 0; i < n; i++) {
          System.arraycopy(labelMasks[i], 0, flat, i * labelWords, labelWords);
        }
        labels.upload(stream, flat);
      }
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /**
   * Records that are in no shard, without labels.
   *
   * @param millionths of each record the eight stored leads one after the other, 1 µV
   */
  public DeviceRecords(Stream stream, List<short[]> millionths) {
    this.stream = stream;
    this.shard = null;
    this.labels = null;
    this.labelWords = 0;
    boolean complete = false;
    try (Arena arena = Arena.ofConfined()) {
      long count = millionths.stream().mapToLong(record -> record.length).sum();
      MemorySegment joined = arena.allocate(ValueLayout.JAVA_SHORT, count);
      long[] table = new long[2 * millionths.size()];
      long at = 0;
      for (int i = 0; i < millionths.size(); i++) {
        short[] record = millionths.get(i);
        MemorySegment.copy(
            record, 0, joined, ValueLayout.JAVA_SHORT, at * Short.BYTES, record.length);
        table[2 * i] = at;
        table[2 * i + 1] = record.length / Lead.INDEPENDENT.size();
        at += record.length;
      }
      samples = resources.allocate(stream, DType.I16, count);
      samples.upload(stream, joined);
      records = resources.allocate(stream, DType.I64, millionths.size(), 2);
      records.upload(stream, table);
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /** I16 [S] where the device reads them, or null when they stay on the host. */
  private Tensor samples(DataPlacement placement) {
    List<MemorySegment> files = shard.samples();
    Context context = stream.context();
    if (streams(
        placement, context.backend(), files.size(), shard.sampleBytes(), context.memory())) {
      return null;
    }
    long count = shard.sampleBytes() / Short.BYTES;
    if (context.backend() == Backend.CPU && files.size() == 1) {
      return resources.add(context.wrap(files.getFirst())).tensor(DType.I16, count);
    }
    Tensor copy = resources.allocate(stream, DType.I16, count);
    long at = 0;
    for (MemorySegment file : files) {
      long samples = file.byteSize() / Short.BYTES;
      if (samples > 0) {
        copy.slice(at, at + samples).upload(stream, file);
      }
      at += samples;
    }
    return copy;
  }

  /**
   * Whether so many bytes of samples stay on the host: on a device half of what is left is the
   * network's, and the CPU backend reads one mapped file in place, not several.
   */
  static boolean streams(
      DataPlacement placement, Backend backend, int files, long bytes, MemoryInfo memory) {
    return switch (placement) {
      case HOST -> true;
      case DEVICE -> false;
      case AUTO ->
          backend == Backend.CPU ? files > 1 : bytes > (memory.limit() - memory.inUse()) / 2;
    };
  }

  /** Whether windows are uploaded step by step, because the samples stay on the host. */
  public boolean streamed() {
    return samples == null;
  }

  /**
   * What brings the samples of one batch of windows after the other to the gathers.
   *
   * @param views what the gathers of each view may read
   * @param window samples of a window
   * @param part windows of a batch, in each view
   */
  WindowFeed feed(List<WindowReach> views, int window, BatchPart part) {
    return streamed()
        ? new StreamedFeed(stream, new Excerpts(shard, views, window, part))
        : new ResidentFeed(samples);
  }

  /** I64 [R, 2]: offset in samples, length. */
  Tensor records() {
    return records;
  }

  /** U64 [R, W], or null without labels. */
  Tensor labels() {
    return labels;
  }

  /** W, words of a label mask; 0 without labels. */
  public int labelWords() {
    return labelWords;
  }

  /**
   * Windows as the index of an epoch or of an evaluation.
   *
   * @param windows record and first sample of each
   * @param padded entries of the result; those beyond the windows repeat the last one
   * @return record, start, record, start, ...
   */
  static int[] index(List<WindowRef> windows, int padded) {
    int[] index = new int[2 * padded];
    for (int i = 0; i < padded; i++) {
      WindowRef window = windows.get(Math.min(i, windows.size() - 1));
      index[2 * i] = window.record();
      index[2 * i + 1] = window.start();
    }
    return index;
  }

  @Override
  public void close() {
    resources.close();
  }
}
