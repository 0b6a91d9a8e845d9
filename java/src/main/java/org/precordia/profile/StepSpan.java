// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A step of training; on a GPU its launch. */
@Name("org.precordia.Step")
@Label("Training Step")
@Category("Precordia")
@Description("A step of training; on a GPU its launch, while earlier ones may still run")
@StackTrace(false)
public final class StepSpan extends Span {
  @Label("Stage")
  final String stage;

  @Label("Step")
  @Description("Number within the run, from 1")
  final long step;

  @Label("Windows")
  @Description("Windows of all views")
  final int windows;

  /** Begins step {@code step} of the run. */
  public StepSpan(String stage, long step, int windows) {
    this.stage = stage;
    this.step = step;
    this.windows = windows;
    open();
  }

  @Override
  String title() {
    return "step";
  }

  @Override
  String category() {
    return "step";
  }

  @Override
  void describe(Arguments arguments) {
    arguments.put("stage", stage).put("step", step).put("windows", windows);
  }
}
