// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import org.precordia.runtime.MetricsRow;

/** How fast a stage goes, and how long it will take. */
final class Pace {
  private static final double SMOOTHING = 0.1;
  private static final double NANO = 1e-9;

  private final long windowsPerStep;
  private final long steps;
  private final double before;
  private final long start = System.nanoTime();
  private long lastTime = start;
  private double secondsPerStep = Double.NaN;

  /**
   * Starts the clock.
   *
   * @param windowsPerStep windows of a step, all views counted
   * @param steps steps of the whole run
   * @param before seconds spent before
   */
  Pace(long windowsPerStep, long steps, double before) {
    this.windowsPerStep = windowsPerStep;
    this.steps = steps;
    this.before = before;
  }

  /** Seconds spent training, those before the start included. */
  double seconds() {
    return before + (System.nanoTime() - start) * NANO;
  }

  /** Begins to count again after something that was no step. */
  void resume() {
    lastTime = System.nanoTime();
  }

  /** Takes note of a step; rows that arrive together share the time since the last ones. */
  TrainingListener.Step step(String stage, long step, MetricsRow row) {
    long now = System.nanoTime();
    double elapsed = (now - lastTime) * NANO;
    lastTime = now;
    secondsPerStep =
        Double.isNaN(secondsPerStep)
            ? elapsed
            : secondsPerStep + SMOOTHING * (elapsed - secondsPerStep);
    return new TrainingListener.Step(
        stage,
        step,
        steps,
        row,
        windowsPerStep / Math.max(secondsPerStep, NANO),
        secondsPerStep * (steps - step));
  }
}
