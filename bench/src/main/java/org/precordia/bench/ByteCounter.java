// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Bytes that a benchmark has worked through, so that its result can be said in MB/s. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class ByteCounter {
  /** Bytes of all calls of an iteration. */
  public long bytes;

  /** Begins an iteration. */
  @Setup(Level.Iteration)
  public void begin() {
    bytes = 0;
  }
}
