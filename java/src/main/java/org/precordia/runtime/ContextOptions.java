// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/**
 * How a context is opened.
 *
 * @param threads CPU threads; 0 for all that this process may use. Changes no result
 * @param memoryLimit bytes the context's pool may hold; 0 for no limit
 * @param instructionSet {@code ""} for the machine's best; {@code avx2} or {@code baseline} to use
 *     less (CPU only)
 */
public record ContextOptions(int threads, long memoryLimit, String instructionSet) {
  /** All threads, no memory limit, the best instruction set. */
  public static final ContextOptions DEFAULT = new ContextOptions(0, 0, "");

  public ContextOptions {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative, was " + threads);
    }
    if (memoryLimit < 0) {
      throw new IllegalArgumentException("memory limit must not be negative, was " + memoryLimit);
    }
    if (instructionSet.length() > 31) {
      throw new IllegalArgumentException("no instruction set is called " + instructionSet);
    }
  }

  /** The same with another number of CPU threads. */
  public ContextOptions withThreads(int count) {
    return new ContextOptions(count, memoryLimit, instructionSet);
  }

  /** The same with another limit of memory, in bytes; 0 for none. */
  public ContextOptions withMemoryLimit(long bytes) {
    return new ContextOptions(threads, bytes, instructionSet);
  }
}
