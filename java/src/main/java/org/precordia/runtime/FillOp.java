// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_fill_desc;

/** Sets every element of a tensor to one value. */
public final class FillOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public FillOp(Arena arena) {
    super(arena, pcd_fill_desc.layout());
  }

  /** The value, converted to the tensor's type. */
  public FillOp value(double value) {
    pcd_fill_desc.value(descriptor(), value);
    return this;
  }

  /** Tensor: the tensor; written. */
  public FillOp tensor(Tensor tensor) {
    put(pcd_fill_desc.tensor$offset(), tensor);
    return this;
  }

  /** Fills the tensor. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_fill);
  }
}
