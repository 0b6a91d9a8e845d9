// SPDX-License-Identifier: Apache-2.0
package org.precordia.signal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** Known-answer vectors published with Random123 for philox4x32, 10 rounds. */
  @Test
  void blockEqualsPublishedVectors() {
    int[] zeros = {0, 0, 0, 0};
    Philox.block(0, 0, zeros);
    assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, zeros);
    int[] ones = {-1, -1, -1, -1};
    Philox.block(-1, -1, ones);
    assertArrayEquals(new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, ones);
    int[] pi = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
    Philox.block(0xa4093822, 0x299f31d0, pi);
    assertArrayEquals(new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}, pi);
  }

  @Test
  void streamIsBlocksOfRisingCounters() {
    long seed = 0x299f31d0_a4093822L;
    Philox stream = new Philox(seed, 11, 22, 33);
    for (int block = 0; block < 3; block++) {
      int[] words = {block, 11, 22, 33};
      Philox.block(0xa4093822, 0x299f31d0, words);
      for (int word : words) {
        assertEquals(word, stream.nextInt());
      }
    }
  }

  @Test
  void streamsDiffer() {
    int first = new Philox(1, 0, 0, 0).nextInt();
    assertNotEquals(first, new Philox(2, 0, 0, 0).nextInt());
    assertNotEquals(first, new Philox(1, 1, 0, 0).nextInt());
    assertNotEquals(first, new Philox(1, 0, 1, 0).nextInt());
    assertNotEquals(first, new Philox(1, 0, 0, 1).nextInt());
  }

  @Test
  void normalsHaveTheMomentsOfANormal() {
    Philox stream = new Philox(5, 0, 0, 0);
    int n = 200_000;
    double sum = 0;
    double squares = 0;
    double fourths = 0;
    for (int i = 0; i < n; i++) {
      double x = stream.normal();
      sum += x;
      squares += x * x;
      fourths += x * x * x * x;
    }
    assertEquals(0, sum / n, 0.01);
    assertEquals(1, squares / n, 0.02);
    assertEquals(3, fourths / n, 0.15);
  }

  @Test
  void boundedIntegersAreUniform() {
    Philox stream = new Philox(9, 0, 0, 0);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[stream.nextInt(7)]++;
    }
    for (int count : counts) {
      assertEquals(10_000, count, 500);
    }
    assertThrows(IllegalArgumentException.class, () -> stream.nextInt(0));
  }

  @Test
  void uniformsStayInRange() {
    Philox stream = new Philox(3, 0, 0, 0);
    for (int i = 0; i < 10_000; i++) {
      double u = stream.uniform(-2, 5);
      assertTrue(u >= -2 && u < 5);
      assertTrue(stream.factor(0.3) > 0);
    }
  }
}
