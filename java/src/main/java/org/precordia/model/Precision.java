// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import org.precordia.runtime.DType;

/** Storage of a network's activations. Parameters, sums and losses are fp32 in either. */
public enum Precision {
  /** 32 bits. */
  FP32(DType.F32),
  /** The upper 16 bits of fp32: half the memory, eight significant bits. */
  BF16(DType.BF16);

  private final DType storage;

  Precision(DType storage) {
    this.storage = storage;
  }

  /** Type of an activation's elements. */
  public DType storage() {
    return storage;
  }
}
