// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import org.precordia.runtime.MetricsRow;

/** Hears how training goes. Calls come from the training thread, in order. */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener SILENT = new TrainingListener() {};

  /**
   * What is about to be trained.
   *
   * @param patients patients that are learned from
   * @param innerPatients patients held out for choosing epochs
   * @param windows windows that are learned from
   * @param rejected training windows that were left out as outliers
   * @param labels label vocabulary's size
   * @param parameters trained parameters
   * @param steps most steps of all stages
   * @param resumedAt steps done before, 0 for a new run
   */
  record Plan(
      int patients,
      int innerPatients,
      int windows,
      int rejected,
      int labels,
      long parameters,
      long steps,
      long resumedAt) {}

  /**
   * A step that is done.
   *
   * @param stage name of the stage
   * @param step steps done in the run
   * @param steps most steps of the run
   * @param metrics losses, rate and norm; its own {@code step} counts within the stage
   * @param windowsPerSecond windows, of all views, seen in a second
   * @param secondsLeft time to the end at this rate
   */
  record Step(
      String stage,
      long step,
      long steps,
      MetricsRow metrics,
      double windowsPerSecond,
      double secondsLeft) {}

  /**
   * An epoch that was validated.
   *
   * @param stage name of the stage
   * @param epoch epochs done
   * @param epochs epochs of the stage
   * @param step steps done in the run
   * @param score name of the figure
   * @param value the figure on the patients held out
   * @param best whether it is the best of the stage so far
   */
  record Validation(
      String stage, int epoch, int epochs, long step, String score, double value, boolean best) {}

  /** Training is about to begin, or to go on. */
  default void started(Plan plan) {}

  /** A step is done. Steps are told in order, on a GPU up to 32 steps after they ran. */
  default void step(Step step) {}

  /** An epoch was validated. */
  default void validated(Validation validation) {}

  /** Something that a user should know. */
  default void message(String text) {}

  /** A listener that tells this one and then another. */
  default TrainingListener and(TrainingListener next) {
    TrainingListener first = this;
    return new TrainingListener() {
      @Override
      public void started(Plan plan) {
        first.started(plan);
        next.started(plan);
      }

      @Override
      public void step(Step step) {
        first.step(step);
        next.step(step);
      }

      @Override
      public void validated(Validation validation) {
        first.validated(validation);
        next.validated(validation);
      }

      @Override
      public void message(String text) {
        first.message(text);
        next.message(text);
      }
    };
  }
}
