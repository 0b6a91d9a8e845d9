// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;

/** Root mean square error in mV, mean over target leads and held-out windows. */
final class ReconstructionValidation implements InnerValidation {
  static final int BATCH = 64;

  private final WindowSource source;
  private final List<WindowRef> windows;
  private final TrainingRanks ranks;
  private final Map<Weights, WindowRunner> runners = new HashMap<>();

  ReconstructionValidation(WindowSource source, List<WindowRef> windows, TrainingRanks ranks) {
    this.ranks = ranks;
    this.source = source;
    this.windows = windows;
  }

  @Override
  public Score score(Weights weights) {
    WindowRunner runner =
        runners.computeIfAbsent(
            weights,
            w ->
                new WindowRunner(
                    source,
                    w,
                    Math.min(BATCH, windows.size()),
                    WindowRunner.Mode.RECONSTRUCTION,
                    ranks.communicator()));
    double[] sum = {0};
    int length = source.config().window();
    runner.run(
        windows,
        batch -> {
          double[] moments = batch.moments();
          for (int i = 0; i < moments.length; i += WindowRunner.MOMENTS) {
            sum[0] += Math.sqrt(moments[i] / length);
          }
        });
    double count = (double) windows.size() * source.config().targets().size();
    return new Score("rmse_window", sum[0] / count, false);
  }

  @Override
  public void close() {
    runners.values().forEach(WindowRunner::close);
  }
}
