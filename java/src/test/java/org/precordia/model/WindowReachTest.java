// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.precordia.runtime.Backend;
import org.precordia.runtime.MemoryInfo;

/** What a gather may read, and where samples lie. */
class WindowReachTest {
  private static final int LENGTH = 256;
  private static final long GIBIBYTE = 1L << 30;

  @Test
  void theMarginHoldsTheLargestStretchThereIs() {
    double largestNormal = Math.sqrt(-2 * Math.log(0.5 / 4294967296.0));
    for (double deviation : new double[] {0.01, 0.08, 0.3, 1}) {
      double beyond = 0.5 * (LENGTH - 1) * (Math.exp(deviation * largestNormal) - 1);
      WindowReach reach = WindowReach.of(false, 8, 0.5, deviation, LENGTH);
      // Two samples behind a position are read as well.
      assertTrue(reach.margin() >= 8 + beyond + 2, deviation + ": " + reach.margin());
    }
    assertEquals(8, WindowReach.of(false, 8, 0, 0.3, LENGTH).margin());
    assertEquals(0, WindowReach.EXACT.margin());
  }

  @Test
  void anExcerptIsNeverLongerThanItsRecord() {
    assertEquals(1000, WindowReach.of(true, 0, 1, 30, LENGTH).capacity(LENGTH, 1000));
    assertEquals(LENGTH, WindowReach.EXACT.capacity(LENGTH, 1000));
    assertEquals(100, WindowReach.EXACT.capacity(LENGTH, 100));
  }

  @Test
  void aFreeCropLiesInItsRecord() {
    WindowReach reach = new WindowReach(true, 0);
    boolean moved = false;
    for (int entry = 0; entry < 200; entry++) {
      int start = reach.start(17, 5, 3, 1, entry, 1000, LENGTH);
      assertTrue(start >= 0 && start <= 1000 - LENGTH, "start " + start);
      moved |= start > 500;
      assertEquals(0, reach.start(17, 5, 3, 1, entry, LENGTH, LENGTH));
      assertEquals(17, WindowReach.EXACT.start(17, 5, 3, 1, entry, 1000, LENGTH));
    }
    assertTrue(moved);
  }

  @Test
  void samplesStayOnTheHostWhenTheyWouldTakeMoreThanHalfOfWhatIsLeft() {
    MemoryInfo memory = new MemoryInfo(2 * GIBIBYTE, 0, 0, 10 * GIBIBYTE, 3);
    assertFalse(streams(DataPlacement.AUTO, Backend.CUDA, 4 * GIBIBYTE, memory));
    assertTrue(streams(DataPlacement.AUTO, Backend.CUDA, 4 * GIBIBYTE + 1, memory));
    assertFalse(streams(DataPlacement.DEVICE, Backend.CUDA, 100 * GIBIBYTE, memory));
    assertTrue(streams(DataPlacement.HOST, Backend.CUDA, 1, memory));
    // The mapped file takes nothing of the CPU's pool.
    assertFalse(streams(DataPlacement.AUTO, Backend.CPU, 100 * GIBIBYTE, memory));
    assertTrue(streams(DataPlacement.HOST, Backend.CPU, 1, memory));
    // Several files cannot be read as one.
    assertTrue(DeviceRecords.streams(DataPlacement.AUTO, Backend.CPU, 2, 1, memory));
    assertFalse(DeviceRecords.streams(DataPlacement.DEVICE, Backend.CPU, 2, 1, memory));
    assertFalse(DeviceRecords.streams(DataPlacement.AUTO, Backend.CUDA, 2, 1, memory));
  }

  private static boolean streams(
      DataPlacement placement, Backend backend, long bytes, MemoryInfo memory) {
    return DeviceRecords.streams(placement, backend, 1, bytes, memory);
  }
}
