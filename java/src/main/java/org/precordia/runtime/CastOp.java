// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_cast_desc;

/** Converts between F32, BF16 and F64, rounding to nearest even. */
public final class CastOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public CastOp(Arena arena) {
    super(arena, pcd_cast_desc.layout());
  }

  /** Source: read. */
  public CastOp source(Tensor tensor) {
    put(pcd_cast_desc.source$offset(), tensor);
    return this;
  }

  /** Target: of the same shape; written. */
  public CastOp target(Tensor tensor) {
    put(pcd_cast_desc.target$offset(), tensor);
    return this;
  }

  /** Converts. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_cast);
  }
}
