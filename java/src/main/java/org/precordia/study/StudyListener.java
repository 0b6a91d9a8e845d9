// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import org.precordia.train.TrainingListener;

/** Hears how a study goes. Calls come from the study's thread, in order. */
public interface StudyListener {
  /** Hears nothing. */
  StudyListener SILENT = (run, position) -> TrainingListener.SILENT;

  /**
   * Where a study is.
   *
   * @param finished runs that are complete
   * @param total all runs
   * @param secondsLeft time to the end of all training, as the complete runs tell; NaN before the
   *     first
   */
  record Position(int finished, int total, double secondsLeft) {}

  /** A run is about to begin or to go on; who hears how it goes. */
  TrainingListener begin(StudyRun run, Position position);

  /** A run has ended, complete or stopped. */
  default void end(StudyRun run) {}

  /** A row that is not trained is about to be fitted. */
  default void fitting(String row) {}
}
