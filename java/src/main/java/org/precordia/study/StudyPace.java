// SPDX-License-Identifier: Apache-2.0
package org.precordia.study;

import java.io.IOException;
import java.util.List;

/** How long the runs that are left will take: as those of the same row did, else as all did. */
final class StudyPace {
  private final List<StudyRun> runs;
  private final int windows;

  /**
   * @param windows training windows of all patients
   */
  StudyPace(List<StudyRun> runs, int windows) {
    this.runs = runs;
    this.windows = windows;
  }

  StudyListener.Position position() throws IOException {
    int finished = 0;
    double left = 0;
    for (StudyRun run : runs) {
      if (run.finished()) {
        finished++;
      } else {
        left += expected(run);
      }
    }
    return new StudyListener.Position(finished, runs.size(), left);
  }

  private double expected(StudyRun run) throws IOException {
    double same = secondsOfWork(run.name());
    return run.work(windows) * (Double.isNaN(same) ? secondsOfWork(null) : same);
  }

  /** Seconds that a unit of work took in the complete runs of a row, or of all; NaN without any. */
  private double secondsOfWork(String row) throws IOException {
    double seconds = 0;
    double work = 0;
    for (StudyRun run : runs) {
      if (run.finished() && (row == null || run.name().equals(row))) {
        seconds += run.seconds();
        work += run.work(windows);
      }
    }
    return work == 0 ? Double.NaN : seconds / work;
  }
}
