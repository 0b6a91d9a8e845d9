// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_multiply_add_desc;

/**
 * Multiply-adds in registers on all of the device and nothing else: what it reaches at most, to
 * hold other ops against.
 */
public final class MultiplyAddOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public MultiplyAddOp(Arena arena) {
    super(arena, pcd_multiply_add_desc.layout());
  }

  /**
   * Operands: F32, or BF16 for products as the backend takes them of activations stored so.
   *
   * @throws IllegalArgumentException for another type
   */
  public MultiplyAddOp dtype(DType dtype) {
    if (dtype != DType.F32 && dtype != DType.BF16) {
      throw new IllegalArgumentException("multiply-adds are of F32 or BF16, not " + dtype);
    }
    pcd_multiply_add_desc.dtype(descriptor(), dtype.code());
    return this;
  }

  /** How much is done, in rounds; on the CPU threads share them. */
  public MultiplyAddOp rounds(int value) {
    pcd_multiply_add_desc.rounds(descriptor(), value);
    return this;
  }

  /** Operations: F64 [1], the floating-point operations that a run does; written. */
  public MultiplyAddOp operations(Tensor tensor) {
    put(pcd_multiply_add_desc.operations$offset(), tensor);
    return this;
  }

  /** Multiplies and adds. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_multiply_add);
  }
}
