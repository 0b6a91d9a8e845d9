// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.chart;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What stands beside points can be read. */
class XyChartTest {
  @Test
  void ofNamesThatWouldOverlapTheFirstStandsAlone() {
    String svg =
        new XyChart("c", "chart", Axis.linear("x", 0, 10), Axis.linear("y", 0, 10))
            .size(600, 400)
            .points(
                0,
                new double[] {2, 2.01, 8},
                new double[] {5, 5.01, 5},
                null,
                new String[] {"first", "second", "third"})
            .render("three points")
            .toString();
    assertTrue(svg.contains(">first<"));
    assertFalse(svg.contains(">second<"));
    assertTrue(svg.contains(">third<"));
  }
}
