// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.util.List;
import java.util.Optional;
import org.precordia.eval.Metric;
import org.precordia.eval.PairedTest;
import org.precordia.eval.SeedMeans;

/**
 * A row against another one on the same patients, each row's mean over its seeds.
 *
 * @param row the row
 * @param against the row that it is held against
 * @param difference row minus the other
 * @param tests signed-rank tests of RMSE of a window and of Pearson's correlation, corrected over
 *     all comparisons of the study; without pairs there is none
 */
public record StudyComparison(
    StudyRow row, StudyRow against, SeedMeans.Difference difference, List<PairedTest> tests) {
  /** Level of the corrected test. */
  public static final double LEVEL = 0.05;

  public StudyComparison {
    tests = List.copyOf(tests);
  }

  /** The test of a figure. */
  public Optional<PairedTest> test(Metric metric) {
    return tests.stream().filter(test -> test.metric() == metric).findFirst();
  }

  /** Whether the row's errors are smaller, by the bootstrap interval and by the corrected test. */
  public boolean beats() {
    return difference.interval() != null && difference.interval().high() < 0 && significant();
  }

  /** Whether the row's errors are larger, by both. */
  public boolean loses() {
    return difference.interval() != null && difference.interval().low() > 0 && significant();
  }

  private boolean significant() {
    return test(Metric.RMSE_WINDOW).map(test -> test.holm() < LEVEL).orElse(false);
  }
}
