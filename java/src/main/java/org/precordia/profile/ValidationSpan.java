// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The validation of an epoch. */
@Name("org.precordia.Validation")
@Label("Validation")
@Category("Precordia")
@Description("The figure of an epoch on patients held out of training")
@StackTrace(false)
public final class ValidationSpan extends Span {
  @Label("Stage")
  final String stage;

  @Label("Epoch")
  @Description("Epochs done")
  final int epoch;

  @Label("Figure")
  String figure = "";

  @Label("Value")
  double value = Double.NaN;

  @Label("Best")
  @Description("Whether it is the best of the stage so far")
  boolean best;

  /** Begins the validation after {@code epoch} epochs. */
  public ValidationSpan(String stage, int epoch) {
    this.stage = stage;
    this.epoch = epoch;
    open();
  }

  /** What came out. */
  public void result(String name, double score, boolean isBest) {
    figure = name;
    value = score;
    best = isBest;
  }

  @Override
  String title() {
    return "validation";
  }

  @Override
  String category() {
    return "validation";
  }

  @Override
  void describe(Arguments arguments) {
    arguments.put("stage", stage).put("epoch", epoch).put("figure", figure);
    arguments.put("value", value).put("best", best);
  }
}
