// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Views of memory that the native library hands out as bare pointers. Giving a pointer a size is a
 * restricted call, so it stands here, in the one module that may make them.
 */
public final class NativeMemory {
  private NativeMemory() {}

  /**
   * Gives a pointer its size, for as long as an arena lives.
   *
   * @param pointer the address, of any size
   * @param bytes size of the memory that it points to
   * @param arena when it closes, the view can no longer be used; the memory is not freed
   * @return a view of {@code bytes} bytes
   * @throws NullPointerException if the pointer is NULL
   */
  public static MemorySegment view(MemorySegment pointer, long bytes, Arena arena) {
    return requireAddress(pointer)
        .reinterpret(Objects.checkIndex(bytes, Long.MAX_VALUE), arena, null);
  }

  /**
   * Reads a NUL-terminated UTF-8 string at once.
   *
   * @param pointer a {@code const char*} that came from the library
   * @return the text, or {@code ""} for NULL
   */
  public static String string(MemorySegment pointer) {
    return pointer.address() == 0L ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  private static MemorySegment requireAddress(MemorySegment pointer) {
    if (pointer.address() == 0L) {
      throw new NullPointerException("the native pointer is NULL");
    }
    return pointer;
  }
}
