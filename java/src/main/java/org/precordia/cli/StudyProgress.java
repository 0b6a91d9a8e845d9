// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.study.StudyListener;
import org.precordia.study.StudyRun;
import org.precordia.train.TrainingListener;

/** Shows how far a study is: a line a run, and a meter within it. */
final class StudyProgress implements StudyListener, AutoCloseable {
  private final Output output;
  private TrainingProgress run;

  StudyProgress(Output output) {
    this.output = output;
  }

  @Override
  public TrainingListener begin(StudyRun next, Position position) {
    close();
    String name = next.name() + ", seed " + next.seed();
    output.line(
        "study  %d of %d runs done%s; now %s"
            .formatted(
                position.finished(),
                position.total(),
                Double.isNaN(position.secondsLeft())
                    ? ""
                    : ", about " + Meter.span(position.secondsLeft()) + " of training left",
                name));
    run = new TrainingProgress(output, name);
    return run;
  }

  @Override
  public void end(StudyRun done) {
    close();
  }

  @Override
  public void fitting(String row) {
    output.line("study  fitting " + row);
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
      run = null;
    }
  }
}
