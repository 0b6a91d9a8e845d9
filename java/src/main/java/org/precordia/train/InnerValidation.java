// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import org.precordia.model.Weights;

/** Tells how good a network is on the patients held out of training. */
interface InnerValidation extends AutoCloseable {
  /**
   * A score.
   *
   * @param name what it is, for example {@code rmse_window}
   * @param value the figure; NaN when the held-out patients cannot tell
   * @param higherIsBetter whether it is to be large
   */
  record Score(String name, double value, boolean higherIsBetter) {
    /** Whether this beats another one; one that cannot tell is always taken. */
    boolean beats(double other) {
      if (Double.isNaN(value) || Double.isNaN(other)) {
        return true;
      }
      return higherIsBetter ? value > other : value < other;
    }
  }

  /** Scores packed weights, the same on all ranks; so is the score. */
  Score score(Weights weights);

  @Override
  void close();
}
