// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.precordia.model.BatchPart;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The ranks that train together, as one of them sees them. All ranks call the same methods in the
 * same order. With one rank nothing moves and nothing is recorded.
 */
final class TrainingRanks {
  /** Bytes of gradients that are at least summed at once, where there are more to come. */
  static final long BUCKET_BYTES = 1 << 20;

  /** Longest message of a rank that another one repeats. */
  private static final int MESSAGE_BYTES = 1024;

  private final Communicator communicator; // null with one rank
  private final long bucketBytes;

  private TrainingRanks(Communicator communicator, long bucketBytes) {
    this.communicator = communicator;
    this.bucketBytes = bucketBytes;
  }

  /** One rank. */
  static TrainingRanks single() {
    return new TrainingRanks(null, 0);
  }

  /**
   * Those of a communicator.
   *
   * @param communicator of the context that trains; null: one rank
   */
  static TrainingRanks of(Communicator communicator) {
    return of(communicator, BUCKET_BYTES);
  }

  /**
   * Those of a communicator.
   *
   * @param bucketBytes least bytes of gradients to begin to sum during backward; {@link
   *     Long#MAX_VALUE}: all are summed after it
   */
  static TrainingRanks of(Communicator communicator, long bucketBytes) {
    boolean several = communicator != null && communicator.ranks() > 1;
    return new TrainingRanks(several ? communicator : null, bucketBytes);
  }

  /** Whether there are other ranks. */
  boolean several() {
    return communicator != null;
  }

  /** Number of ranks. */
  int count() {
    return several() ? communicator.ranks() : 1;
  }

  /** Number of this rank, from 0. */
  int rank() {
    return several() ? communicator.rank() : 0;
  }

  /** Whether this is the rank that writes files. */
  boolean first() {
    return rank() == 0;
  }

  /** What moves tensors; null with one rank. */
  Communicator communicator() {
    return communicator;
  }

  /** Least bytes of gradients to begin to sum during backward. */
  long bucketBytes() {
    return bucketBytes;
  }

  /** This rank's windows of a batch: the rank-th of equal parts. */
  BatchPart part(int windows) {
    int each = windows / count();
    return new BatchPart(windows, rank() * each, (rank() + 1) * each);
  }

  /**
   * This rank's windows of a stage's steps.
   *
   * @throws TrainingException when ranks and chunks do not divide the batch
   */
  BatchPart part(StageConfig stage, int chunks) {
    int windows = stage.sampler().batch();
    requireShare(stage.name(), windows, count(), chunks);
    return part(windows);
  }

  /** Requires that every chunk of every rank has as many windows. */
  static void requireShare(String stage, int windows, int ranks, int chunks) {
    int parts = Math.multiplyExact(ranks, chunks);
    if (windows % parts == 0) {
      return;
    }
    if (ranks == 1) {
      throw new TrainingException(
          "stage %s has %d windows a step, which %d chunks do not divide", stage, windows, chunks);
    }
    int below = ranks - 1;
    while (below > 1 && windows % (below * chunks) != 0) {
      below--;
    }
    int above = ranks + 1;
    while (above * chunks <= windows && windows % (above * chunks) != 0) {
      above++;
    }
    String counts =
        windows % chunks != 0
            ? "--accumulate that divides %d".formatted(windows)
            : "%d%s ranks"
                .formatted(below, above * chunks <= windows ? " or %d".formatted(above) : "");
    int less = windows / parts * parts;
    throw new TrainingException(
        "stage %s has %d windows a step, which %d ranks%s do not share evenly: take %s, or %s%d"
            + " windows a step",
        stage,
        windows,
        ranks,
        chunks > 1 ? " of %d chunks each".formatted(chunks) : "",
        counts,
        less > 0 ? less + " or " : "",
        less + parts);
  }

  /**
   * A tensor of the whole batch, whose rows are the ranks' own, one after the other.
   *
   * @param own this rank's rows
   * @param all the rows of all ranks; {@code own} itself with one rank
   */
  record Rows(Tensor own, Tensor all) {}

  /** Allocates the rows of all ranks. */
  Rows rows(Resources resources, Stream stream, DType type, long... ownShape) {
    long[] shape = ownShape.clone();
    shape[0] *= count();
    Tensor all = resources.allocate(stream, type, shape);
    return new Rows(all.slice(rank() * ownShape[0], (rank() + 1) * ownShape[0]), all);
  }

  /** Allocates the rows of the others beside those that are there. */
  Rows rows(Resources resources, Stream stream, Tensor own) {
    return several()
        ? new Rows(own, rows(resources, stream, own.dtype(), own.shape()).all())
        : new Rows(own, own);
  }

  /** Brings every rank's rows to all. */
  void gather(Stream stream, Rows rows) {
    if (several()) {
      communicator.allGather(stream, rows.own(), rows.all());
    }
  }

  /** Reports faults of the communicator that the stream has not reported. */
  void check() {
    if (several()) {
      communicator.check();
    }
  }

  /** The first rank's bytes. */
  byte[] broadcast(Stream stream, byte[] data) {
    if (!several()) {
      return data;
    }
    try (Resources resources = new Resources()) {
      Tensor length = resources.allocate(stream, DType.I64, 1);
      length.upload(stream, new long[] {first() ? data.length : 0});
      communicator.broadcast(stream, length, 0);
      int bytes = Math.toIntExact(length.longs(stream)[0]);
      if (bytes == 0) {
        return new byte[0];
      }
      Tensor content = resources.allocate(stream, DType.U8, bytes);
      if (first()) {
        upload(stream, content, data);
      }
      communicator.broadcast(stream, content, 0);
      return first() ? data : content.byteValues(stream);
    }
  }

  /** The first rank's values. */
  float[] broadcast(Stream stream, float[] values) {
    if (!several()) {
      return values;
    }
    try (Resources resources = new Resources()) {
      Tensor tensor = resources.allocate(stream, DType.F32, values.length);
      if (first()) {
        tensor.upload(stream, values);
      }
      communicator.broadcast(stream, tensor, 0);
      return tensor.floats(stream);
    }
  }

  /** Sums over the ranks; where all ranks but one have 0, that one's value, exactly. */
  double[] sum(Stream stream, double[] values) {
    if (!several() || values.length == 0) {
      return values;
    }
    try (Resources resources = new Resources()) {
      Tensor tensor = resources.allocate(stream, DType.F64, values.length);
      tensor.upload(stream, values);
      communicator.allReduce(stream, tensor);
      return tensor.doubles(stream);
    }
  }

  /** A number of every rank. */
  long[] each(Stream stream, long number) {
    try (Resources resources = new Resources()) {
      Rows rows = rows(resources, stream, DType.I64, 1);
      rows.own().upload(stream, new long[] {number});
      gather(stream, rows);
      return rows.all().longs(stream);
    }
  }

  /** What one rank does while others do the same. */
  interface Task<T, E extends Exception> {
    T run() throws E;
  }

  /**
   * Does something that may fail on one rank alone, and ends on all ranks if it has failed on one.
   *
   * @throws TrainingException if it failed on another rank; the message repeats that one's
   */
  <T, E extends Exception> T together(Stream stream, Task<T, E> task) throws E {
    if (!several()) {
      return task.run();
    }
    T result;
    try {
      result = task.run();
    } catch (Exception e) {
      tell(stream, String.valueOf(e.getMessage()));
      throw e;
    }
    tell(stream, "");
    return result;
  }

  private void tell(Stream stream, String failure) {
    try (Resources resources = new Resources()) {
      Rows rows = rows(resources, stream, DType.U8, MESSAGE_BYTES);
      byte[] text = failure.getBytes(StandardCharsets.UTF_8);
      byte[] own = Arrays.copyOf(text, MESSAGE_BYTES);
      upload(stream, rows.own(), own);
      gather(stream, rows);
      byte[] all = rows.all().byteValues(stream);
      for (int rank = 0; rank < count() && failure.isEmpty(); rank++) {
        int from = rank * MESSAGE_BYTES;
        int to = from;
        while (to < from + MESSAGE_BYTES && all[to] != 0) {
          to++;
        }
        if (to > from) {
          throw new TrainingException(
              "rank %d cannot train: %s",
              rank, new String(all, from, to - from, StandardCharsets.UTF_8));
        }
      }
    }
  }

  private static void upload(Stream stream, Tensor target, byte[] data) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, data);
      target.upload(stream, memory);
    }
  }
}
