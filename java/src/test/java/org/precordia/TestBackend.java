// SPDX-License-Identifier: Apache-2.0
package org.precordia;

import org.junit.jupiter.api.Assumptions;
import org.precordia.runtime.Backend;
import org.precordia.runtime.PrecordiaException;

/**
 * The backend that tests of training and prediction run on: the CPU, unless the system property
 * {@value #BACKEND} names another. Where a test needs a device that is not there, it is skipped and
 * says so; {@code -D}{@value #REQUIRED}{@code =true} makes that a failure.
 */
public final class TestBackend {
  private static final String BACKEND = "precordia.test.backend";
  private static final String REQUIRED = "precordia.requireDevice";

  private TestBackend() {}

  /** The backend that is asked for. */
  public static Backend.Selection select() {
    return select(chosen());
  }

  /** The device that the CPU is compared with: the backend asked for, or CUDA. */
  public static Backend.Selection device() {
    Backend chosen = chosen();
    return select(chosen == Backend.CPU ? Backend.CUDA : chosen);
  }

  /** Skips a test of ops that the CPU alone computes, where another backend is asked for. */
  public static void assumeCpu(String what) {
    Assumptions.assumeTrue(
        chosen() == Backend.CPU,
        () -> "skipped: only the CPU computes %s, not %s".formatted(what, chosen().id()));
  }

  private static Backend chosen() {
    return Backend.of(System.getProperty(BACKEND, Backend.CPU.id()));
  }

  private static Backend.Selection select(Backend backend) {
    try {
      return backend.select();
    } catch (PrecordiaException unusable) {
      String why = "no %s device: %s".formatted(backend.name(), unusable.getMessage());
      if (Boolean.getBoolean(REQUIRED)) {
        throw new AssertionError(why + " (-D" + REQUIRED + "=true asks for one)", unusable);
      }
      return Assumptions.abort("skipped: " + why);
    }
  }
}
