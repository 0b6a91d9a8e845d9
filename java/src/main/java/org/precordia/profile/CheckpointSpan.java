// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A checkpoint: fetched from the device and written. */
@Name("org.precordia.Checkpoint")
@Label("Checkpoint")
@Category("Precordia")
@Description("A checkpoint, fetched from the device and written")
@StackTrace(false)
public final class CheckpointSpan extends Span {
  @Label("Step")
  @Description("Steps done in the run")
  final long step;

  /** Begins a checkpoint after {@code step} steps of the run. */
  public CheckpointSpan(long step) {
    this.step = step;
    open();
  }

  @Override
  String title() {
    return "checkpoint";
  }

  @Override
  String category() {
    return "file";
  }

  @Override
  void describe(Arguments arguments) {
    arguments.put("step", step);
  }
}
