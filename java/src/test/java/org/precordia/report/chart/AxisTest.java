// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Axes hold their values and have ticks that can be read. */
class AxisTest {
  @Test
  void linearAxesHoldTheirValuesBetweenTicksOfOneTwoOrFive() {
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      double low = random.nextGaussian() * Math.pow(10, random.nextInt(-6, 6));
      double high = low + random.nextDouble() * Math.pow(10, random.nextInt(-6, 6));
      Axis axis = Axis.linear("x", low, high);
      assertTrue(axis.holds(low) && axis.holds(high), low + " to " + high);
      int ticks = axis.ticks().size();
      assertTrue(ticks >= 2 && ticks <= 12, ticks + " ticks for " + low + " to " + high);
      double step = axis.ticks().get(1) - axis.ticks().get(0);
      double lead = step / Math.pow(10, Math.floor(Math.log10(step) + 1e-6));
      assertTrue(List.of(1L, 2L, 5L, 10L).contains(Math.round(lead)), "step " + step);
      assertEquals(
          ticks, axis.ticks().stream().map(axis::text).distinct().count(), "labels are distinct");
    }
  }

  @Test
  void logarithmicAxesHoldTheirValues() {
    Random random = new Random(4);
    for (int i = 0; i < 2000; i++) {
      double low = Math.pow(10, random.nextDouble(-6, 6));
      double high = low * Math.pow(10, random.nextDouble(0, 6));
      Axis axis = Axis.log("x", low, high);
      assertTrue(axis.holds(low) && axis.holds(high), low + " to " + high);
      assertTrue(axis.ticks().size() >= 2, axis.ticks() + " for " + low + " to " + high);
    }
    assertEquals(0.5, Axis.log("x", 1, 100).fraction(10), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> Axis.log("x", 0, 1));
  }

  @Test
  void oneValueHasAnAxisToo() {
    assertTrue(Axis.linear("x", 3, 3).holds(3));
    assertTrue(Axis.log("x", 3, 3).holds(3));
    assertTrue(Axis.linear("x", 0, 0).holds(0));
  }
}
