// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/** How large a sample can be: far beyond any potential, and so small that sums stay finite. */
final class Amplitude {
  private static final double LARGEST = 1e30;

  private Amplitude() {}

  /** Whether a value is a number of millivolts that calculations survive. */
  static boolean possible(double millivolts) {
    return Math.abs(millivolts) <= LARGEST;
  }
}
