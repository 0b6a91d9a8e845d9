// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

/**
 * How far a run is. Together with the buffers of a {@link Checkpoint} it says everything that the
 * next step depends on.
 *
 * @param stage stage in progress, from 0
 * @param epoch epoch in progress, from 0
 * @param stepInEpoch steps done of the epoch
 * @param step steps done in the run, over all stages
 * @param stageStart steps done before the stage
 * @param bestScore best validation score of the stage; NaN before the first
 * @param bestEpoch its epoch, or -1
 * @param sinceBest epochs without a better one
 * @param sinceHalved epochs without a better one since the rate was last halved
 * @param seconds time spent training so far
 */
record Progress(
    int stage,
    int epoch,
    int stepInEpoch,
    long step,
    long stageStart,
    double bestScore,
    int bestEpoch,
    int sinceBest,
    int sinceHalved,
    double seconds) {

  static final Progress START = ofStage(0, 0, 0);

  /** The beginning of a stage. */
  static Progress ofStage(int stage, long step, double seconds) {
    return new Progress(stage, 0, 0, step, step, Double.NaN, -1, 0, 0, seconds);
  }

  /** Steps done of the stage. */
  long stageStep() {
    return step - stageStart;
  }

  Progress stepped() {
    return new Progress(
        stage,
        epoch,
        stepInEpoch + 1,
        step + 1,
        stageStart,
        bestScore,
        bestEpoch,
        sinceBest,
        sinceHalved,
        seconds);
  }

  /** After an epoch was validated. */
  Progress validated(double score, boolean better, boolean halved) {
    return new Progress(
        stage,
        epoch + 1,
        0,
        step,
        stageStart,
        better ? score : bestScore,
        better ? epoch : bestEpoch,
        better ? 0 : sinceBest + 1,
        better || halved ? 0 : sinceHalved + 1,
        seconds);
  }

  Progress after(double total) {
    return new Progress(
        stage,
        epoch,
        stepInEpoch,
        step,
        stageStart,
        bestScore,
        bestEpoch,
        sinceBest,
        sinceHalved,
        total);
  }
}
