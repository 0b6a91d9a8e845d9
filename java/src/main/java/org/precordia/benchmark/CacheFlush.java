// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.lang.foreign.Arena;
import org.precordia.runtime.Backend;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.FillOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/** Drives what an op works on out of every cache: memory of twice the last one is copied. */
final class CacheFlush implements AutoCloseable {
  /** More than the L2 of any GPU that is supported. */
  private static final long DEVICE_CACHE = 128L << 20;

  /** Where the system does not tell. */
  private static final long UNKNOWN_CACHE = 64L << 20;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final CopyOp copy;

  CacheFlush(Stream stream) {
    this.stream = stream;
    long cache =
        stream.context().backend() == Backend.CPU
            ? new Machine().lastLevelCache().orElse(UNKNOWN_CACHE)
            : DEVICE_CACHE;
    boolean complete = false;
    try {
      Tensor from = resources.allocate(stream, DType.U8, cache);
      Tensor to = resources.allocate(stream, DType.U8, cache);
      Arena arena = resources.add(Arena.ofShared());
      // Memory that nobody has written may be one page of zeros that all addresses share.
      new FillOp(arena).value(171).tensor(from).run(stream);
      copy = new CopyOp(arena).source(from).target(to);
      complete = true;
    } finally {
      if (!complete) {
        resources.close();
      }
    }
  }

  /** Copies. */
  void run() {
    copy.run(stream);
  }

  @Override
  public void close() {
    resources.close();
  }
}
