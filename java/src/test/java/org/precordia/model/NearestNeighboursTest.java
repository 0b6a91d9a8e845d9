// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Votes of the five nearest. */
class NearestNeighboursTest {
  private static final float[][] LINE = {{0}, {1}, {2}, {3}, {10}, {11}, {12}};

  @Test
  void theMajorityOfFiveDecides() {
    NearestNeighbours neighbours = new NearestNeighbours(LINE, new int[] {0, 0, 0, 1, 1, 1, 1});
    assertEquals(0, neighbours.vote(new float[] {1}), "0 1 2 3 10: three against two");
    assertEquals(1, neighbours.vote(new float[] {11}), "12 11 10 3 2: four against one");
  }

  @Test
  void ofEqualsTheNearerDecide() {
    NearestNeighbours neighbours = new NearestNeighbours(LINE, new int[] {2, 1, 1, 0, 0, 3, 3});
    assertEquals(1, neighbours.vote(new float[] {1.6f}), "two of 0, two of 1, which lie nearer");
  }

  @Test
  void betweenRowsOfLengthOneDistanceTellsTheCosine() {
    float[] a = {3, 4};
    float[] b = {-4, 3.5f};
    double cosine = (3 * -4 + 4 * 3.5) / (5 * Math.hypot(4, 3.5));
    NearestNeighbours.normalise(a);
    NearestNeighbours.normalise(b);
    assertEquals(2 - 2 * cosine, NearestNeighbours.squaredDistance(a, b), 1e-6);
  }

  @Test
  void accuracyIsBalancedOverClasses() {
    int[] truth = {0, 0, 0, 0, 1};
    int[] told = {0, 0, 0, 1, 1};
    assertEquals(0.5 * (0.75 + 1), NearestNeighbours.balancedAccuracy(truth, told), 1e-12);
  }

  @Test
  void fewerThanFiveAreNoGallery() {
    assertThrows(
        IllegalArgumentException.class, () -> new NearestNeighbours(new float[4][1], new int[4]));
  }
}
