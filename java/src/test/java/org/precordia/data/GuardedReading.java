// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Optional;
import org.precordia.model.TensorFileException;

/**
 * Calls readers on files that hold anything at all and judges what they do: they give a value or a
 * typed error that names a file of the folder and what to do, and allocate no more than a stated
 * multiple of the files' size.
 */
final class GuardedReading {
  /**
   * All that is allocated, garbage included, over what {@link Allocation} lets samples take: they
   * are read, completed by limb leads that follow from them, and taken apart on the way.
   */
  private static final int GARBAGE = 4;

  /** Longer recordings are read, but not looked at again and again. */
  private static final int LONGEST = 1 << 10;

  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getPlatformMXBean(java.lang.management.ThreadMXBean.class);

  private final Path folder;
  private final long bytes;

  /**
   * @param folder where the files lie
   * @param bytes size of all files
   */
  GuardedReading(Path folder, long bytes) {
    this.folder = folder;
    this.bytes = bytes;
  }

  /** Something that reads files. */
  interface Reader<T> {
    T read() throws IOException;
  }

  Path folder() {
    return folder;
  }

  /**
   * Calls a reader.
   *
   * @return empty when it gave a typed error
   * @throws AssertionError when it did anything else than it may; what it threw passes unchanged
   */
  <T> Optional<T> read(Reader<T> reader) {
    T value = null;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      value = reader.read();
    } catch (DataException e) {
      require(e.file().toAbsolutePath().startsWith(folder), "it names another file", e);
      require(!e.problem().isBlank() && !e.remedy().isBlank(), "it says too little", e);
    } catch (TensorFileException e) {
      require(e.getMessage().startsWith(folder.toString()), "it names another file", e);
      require(e.getMessage().contains("; "), "it says too little", e);
    } catch (IOException e) {
      throw new AssertionError("not a typed error: " + e, e);
    }
    long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
    long limit = GARBAGE * Math.max(Allocation.ALWAYS, Allocation.BYTES_PER_BYTE * bytes);
    if (taken > limit) {
      throw new AssertionError("allocates " + taken + " bytes for files of " + bytes);
    }
    return Optional.ofNullable(value);
  }

  /** Calls a reader whose value is a recording, and looks at that. */
  Optional<Recording> recording(Reader<Recording> reader) {
    Optional<Recording> recording = read(reader);
    recording.ifPresent(GuardedReading::look);
    return recording;
  }

  /** Whether a recording is short enough to be looked at again and again. */
  static boolean small(Recording recording) {
    return recording.length() <= LONGEST;
  }

  private static void look(Recording recording) {
    require(recording.length() > 0 && !recording.leads().isEmpty(), "it is empty", null);
    if (!small(recording)) {
      return;
    }
    for (float[] row : recording.millivolts()) {
      for (float sample : row) {
        require(!Float.isInfinite(sample), "a sample is infinite", null);
      }
    }
    try {
      Inspection.of(recording);
    } catch (DataException e) {
      throw new AssertionError("what was read cannot be looked at", e);
    }
  }

  /** Fails unless something holds. */
  static void require(boolean holds, String otherwise, Exception cause) {
    if (!holds) {
      throw new AssertionError(cause == null ? otherwise : otherwise + ": " + cause, cause);
    }
  }
}
