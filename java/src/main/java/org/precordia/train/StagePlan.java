// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.ArrayList;
import java.util.List;

/**
 * How many steps a stage takes, and where they lie in the run.
 *
 * @param index number of the stage, from 0
 * @param stage the stage
 * @param stepsPerEpoch steps of an epoch
 * @param epochs epochs, the last one perhaps cut short
 * @param steps steps of the stage if it is not stopped early
 * @param firstStep most steps that earlier stages take
 */
record StagePlan(
    int index, StageConfig stage, int stepsPerEpoch, int epochs, long steps, long firstStep) {

  /**
   * Plans the stages that a network takes part in; without a pathology branch, the contrastive ones
   * have nothing to train.
   *
   * @param windows windows that are learned from
   */
  static List<StagePlan> of(Recipe recipe, TrainingOptions options, int windows) {
    List<StagePlan> plans = new ArrayList<>();
    long first = 0;
    for (StageConfig stage : recipe.stages()) {
      if (!stage.kind().reconstructs() && !options.hasPathology()) {
        continue;
      }
      int perEpoch =
          stage.stepsPerEpoch() > 0
              ? stage.stepsPerEpoch()
              : Math.max(1, windows / stage.sampler().batch());
      long steps = (long) perEpoch * stage.epochs();
      if (options.maxSteps() > 0) {
        steps = Math.min(steps, options.maxSteps());
      }
      int epochs = Math.toIntExact((steps + perEpoch - 1) / perEpoch);
      plans.add(new StagePlan(plans.size(), stage, perEpoch, epochs, steps, first));
      first += steps;
    }
    return plans;
  }
}
