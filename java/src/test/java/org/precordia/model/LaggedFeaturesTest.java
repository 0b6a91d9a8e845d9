// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a regression with lags sees of a window. */
class LaggedFeaturesTest {
  private static final int INPUTS = 2;
  private static final int WINDOW = 40;
  private static final int SPAN = 2 * LaggedFeatures.LAGS + 1;

  private final LaggedFeatures features = new LaggedFeatures(INPUTS, WINDOW);
  private final float[] x = new float[3 + WINDOW * INPUTS];
  private final double[][] rows = new double[WINDOW][features.count() + 1];

  LaggedFeaturesTest() {
    for (int t = 0; t < WINDOW; t++) {
      x[3 + t * INPUTS] = t + 1;
      x[3 + t * INPUTS + 1] = 0;
    }
    features.fill(x, 3, rows);
  }

  @Test
  void lagsAreNeighboursAndZeroBeyondTheWindow() {
    assertEquals(SPAN * INPUTS + INPUTS * INPUTS + INPUTS + 1, features.count());
    for (int t : new int[] {0, 5, 20, WINDOW - 1}) {
      for (int lag = -LaggedFeatures.LAGS; lag <= LaggedFeatures.LAGS; lag++) {
        boolean inside = t + lag >= 0 && t + lag < WINDOW;
        int at = (lag + LaggedFeatures.LAGS) * INPUTS;
        assertEquals(inside ? t + lag + 1 : 0, rows[t][at]);
        assertEquals(0, rows[t][at + 1]);
      }
    }
  }

  @Test
  void amplitudesAreLogarithmsAndMultiplyTheCurrentInputs() {
    double squares = 0;
    for (int t = 1; t <= WINDOW; t++) {
      squares += t * t;
    }
    double first = Math.log(Math.sqrt(squares / WINDOW));
    double silent = Math.log(1e-3);
    int at = SPAN * INPUTS;
    assertEquals(8 * first, rows[7][at], 1e-12);
    assertEquals(8 * silent, rows[7][at + 1], 1e-12);
    assertEquals(first, rows[7][at + INPUTS * INPUTS], 1e-12);
    assertEquals(silent, rows[7][at + INPUTS * INPUTS + 1], 1e-12);
    assertEquals(1, rows[7][features.count() - 1]);
    assertEquals(0, rows[7][features.count()], "what stands behind is not touched");
  }
}
