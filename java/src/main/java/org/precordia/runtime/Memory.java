// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import org.precordia.bindings.Precordia;

/** Where a buffer lies. */
public enum Memory {
  /** The device's own memory; the process's memory on the CPU backend. */
  DEVICE(Precordia.PCD_MEMORY_DEVICE()),
  /** Host memory, pinned where the backend has a device, so that copies run beside the host. */
  HOST(Precordia.PCD_MEMORY_HOST());

  private final int code;

  Memory(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
