// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.benchmark.KernelBenchmark;

/** A meter of a benchmark's turns, made when their number is known. */
final class TurnMeter implements KernelBenchmark.Progress, AutoCloseable {
  private final Output output;
  private Meter meter;

  TurnMeter(Output output) {
    this.output = output;
  }

  @Override
  public void turn(int done, int most) {
    if (meter == null) {
      meter = new Meter(output, "measure", "turns", most);
    }
    meter.at(done);
  }

  @Override
  public void close() {
    if (meter != null) {
      meter.close();
    }
  }
}
