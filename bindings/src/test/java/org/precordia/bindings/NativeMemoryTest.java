// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Views of native memory: sized, bounded in time, never of NULL. */
class NativeMemoryTest {
  @Test
  void aViewHasTheSizeItWasGivenAndEndsWithItsArena() {
    try (Arena owner = Arena.ofConfined()) {
      MemorySegment memory = owner.allocate(16, 8);
      memory.set(ValueLayout.JAVA_LONG, 8, 42L);
      MemorySegment pointer = MemorySegment.ofAddress(memory.address());
      Arena user = Arena.ofConfined();
      MemorySegment view = NativeMemory.view(pointer, 16, user);
      assertEquals(16, view.byteSize());
      assertEquals(42L, view.get(ValueLayout.JAVA_LONG, 8));
      assertThrows(IndexOutOfBoundsException.class, () -> view.get(ValueLayout.JAVA_LONG, 16));
      user.close();
      assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_LONG, 0));
    }
  }

  @Test
  void nullHasNoViewAndIsAnEmptyString() {
    assertThrows(
        NullPointerException.class, () -> NativeMemory.view(MemorySegment.NULL, 1, Arena.global()));
    assertEquals("", NativeMemory.string(MemorySegment.NULL));
  }

  @Test
  void stringsAreUtf8() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom("ΔT ± 1 µs");
      assertEquals("ΔT ± 1 µs", NativeMemory.string(MemorySegment.ofAddress(text.address())));
    }
  }
}
