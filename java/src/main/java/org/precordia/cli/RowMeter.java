// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.eval.Evaluator;

/** A meter for each row of an evaluation in turn. */
final class RowMeter implements Evaluator.Progress, AutoCloseable {
  private final Output output;
  private String row = "";
  private Meter meter;

  RowMeter(Output output) {
    this.output = output;
  }

  @Override
  public void windows(String name, int done, int total) {
    if (!name.equals(row)) {
      close();
      row = name;
      meter = new Meter(output, "evaluate " + name, "windows", total);
    }
    meter.at(done);
  }

  @Override
  public void close() {
    if (meter != null) {
      meter.close();
      meter = null;
    }
  }
}
