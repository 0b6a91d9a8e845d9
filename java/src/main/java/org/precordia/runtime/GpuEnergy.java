// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.util.Optional;
import org.precordia.bindings.NvidiaManagement;

/** The energy that a machine's only GPU has taken, where its driver tells. */
public final class GpuEnergy {
  private static final double MILLI = 1e-3;

  private final NvidiaManagement counter;

  private GpuEnergy(NvidiaManagement counter) {
    this.counter = counter;
  }

  /** The counter of the device that a context computes on; nothing where there is none. */
  public static Optional<GpuEnergy> of(Context context) {
    return context.backend() == Backend.CUDA
        ? NvidiaManagement.open().map(GpuEnergy::new)
        : Optional.empty();
  }

  /** Joules since the driver was loaded. */
  public double joules() {
    return counter.millijoules() * MILLI;
  }
}
