// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.train.TrainingListener;

/** Shows how training goes. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
  private final Output output;
  private final String task;
  private Meter meter;

  TrainingProgress(Output output, String task) {
    this.output = output;
    this.task = task;
  }

  @Override
  public void started(Plan plan) {
    output.line(
        "%s  %,d parameters, %d labels; %d patients learn, %d choose epochs; %,d windows (%d outliers left out); %,d steps%s"
            .formatted(
                task,
                plan.parameters(),
                plan.labels(),
                plan.patients(),
                plan.innerPatients(),
                plan.windows(),
                plan.rejected(),
                plan.steps(),
                plan.resumedAt() > 0 ? ", resumed after " + plan.resumedAt() : ""));
    meter = new Meter(output, task, "steps", plan.steps());
  }

  @Override
  public void step(Step step) {
    meter.at(
        step.step(),
        "%s loss %.4f, %.0f windows/s"
            .formatted(step.stage(), step.metrics().loss(), step.windowsPerSecond()));
  }

  @Override
  public void validated(Validation v) {
    meter.say(
        "%s  %s epoch %d of %d: %s %.5f on held-out patients%s"
            .formatted(
                task,
                v.stage(),
                v.epoch(),
                v.epochs(),
                v.score(),
                v.value(),
                v.best() ? " (best)" : ""));
  }

  @Override
  public void message(String text) {
    if (meter == null) {
      output.line(text);
    } else {
      meter.say(text);
    }
  }

  @Override
  public void close() {
    if (meter != null) {
      meter.close();
    }
  }
}
