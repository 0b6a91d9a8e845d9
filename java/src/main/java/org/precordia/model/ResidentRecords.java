// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.precordia.data.Shard;
import org.precordia.data.ShardRecord;
import org.precordia.runtime.Backend;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The records of a shard where a device can read them: the mapped file itself on the CPU, a copy in
 * device memory otherwise, with the table of records and their label masks.
 */
public final class ResidentRecords implements AutoCloseable {
  private final Resources resources = new Resources();
  private final Tensor samples;
  private final Tensor records;
  private final Tensor labels;
  private final int labelWords;

  /**
   * Makes a shard's records resident.
   *
   * @param shard must stay open until this is closed
   * @param labelMasks {@code [record][words]}, or null when no op asks for labels
   */
  public ResidentRecords(Stream stream, Shard shard, long[][] labelMasks) {
    boolean complete = false;
    try {
      MemorySegment mapped = shard.samples();
      long count = mapped.byteSize() / Short.BYTES;
      if (stream.context().backend() == Backend.CPU) {
        samples = resources.add(stream.context().wrap(mapped)).tensor(DType.I16, count);
      } else {
        samples = resources.allocate(stream, DType.I16, count);
        samples.upload(stream, mapped);
      }
      int n = shard.records();
      long[] table = new long[2 * n];
      for (int i = 0; i < n; i++) {
        ShardRecord record = shard.record(i);
        table[2 * i] = record.offset();
        table[2 * i + 1] = record.length();
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

  /** I16 [S]: records, each lead-major. */
  public Tensor samples() {
    return samples;
  }

  /** I64 [R, 2]: offset in samples, length. */
  public Tensor records() {
    return records;
  }

  /** U64 [R, W], or null without labels. */
  public Tensor labels() {
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
