// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.List;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;

/** Root mean square error in mV, mean over target leads and held-out windows. */
final class ReconstructionValidation implements InnerValidation {
  private final SharedWindows windows;
  private final int targets;
  private final int length;

  ReconstructionValidation(WindowSource source, List<WindowRef> windows, TrainingRanks ranks) {
    this.windows = new SharedWindows(ranks, source, windows, WindowRunner.Mode.RECONSTRUCTION);
    targets = source.config().targets().size();
    length = source.config().window();
  }

  @Override
  public Score score(Weights weights) {
    double[] sum = {0};
    windows.run(
        weights,
        targets,
        this::errors,
        (window, errors) -> {
          for (double error : errors) {
            sum[0] += error;
          }
        });
    double count = (double) windows.windows().size() * targets;
    return new Score("rmse_window", sum[0] / count, false);
  }

  /** Of each window the error of each target. */
  private double[] errors(WindowRunner.Batch batch) {
    double[] moments = batch.moments();
    double[] errors = new double[moments.length / WindowRunner.MOMENTS];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = Math.sqrt(moments[i * WindowRunner.MOMENTS] / length);
    }
    return errors;
  }

  @Override
  public void close() {
    windows.close();
  }
}
