// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.io.IOException;
import org.precordia.model.Weights;
import org.precordia.model.WindowSource;
import org.precordia.runtime.StepState;
import org.precordia.runtime.Stream;

/** What a stage needs of the run that it is part of. */
interface TrainingSession {
  Stream stream();

  Recipe recipe();

  TrainingOptions options();

  TrainingData data();

  WindowSource source();

  Weights weights();

  Optimiser optimiser();

  RunDirectory run();

  TrainingListener listener();

  /** Who trains together. */
  TrainingRanks ranks();

  /** Most steps of the whole run. */
  long steps();

  /** Steps from one reading of the metrics to the next. */
  int metricsInterval();

  /** Whether this rank is to stop at the next step. */
  boolean stopRequested();

  /** Better parameters were found in a stage. */
  void improved(int stage, float[] parameters) throws IOException;

  /**
   * Requires that all ranks have the same parameters.
   *
   * @throws TrainingException if they drifted apart
   */
  void requireSame(Progress progress);

  /** Saves everything. */
  void checkpoint(Progress progress, StepState state, float[] best) throws IOException;
}
