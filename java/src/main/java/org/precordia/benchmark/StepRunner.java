// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.util.Map;
import org.precordia.runtime.Stream;

/** Whole passes of one kind, training steps or inference, on a device. */
interface StepRunner extends AutoCloseable {
  /** Where passes run. */
  Stream stream();

  /** Launches a pass. */
  void launch();

  /** Windows of a pass. */
  int windows();

  /** Ops of a pass. */
  long ops();

  /** What a pass has to do. */
  Cost cost();

  /**
   * Runs a pass op after op, not recorded.
   *
   * @return milliseconds of each part, by name and in order
   */
  Map<String, Double> split(PassTimer timer);

  /**
   * Runs a pass from the host's memory and back to it, or nothing where that makes no sense.
   *
   * @return whether it was run
   */
  boolean roundTrip();

  @Override
  void close();
}
