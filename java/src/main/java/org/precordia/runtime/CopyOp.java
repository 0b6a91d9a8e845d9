// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_copy_desc;

/** Copies the bytes of one tensor to another of equal size, in memory of any kind. */
public final class CopyOp extends Op {

  /** An op without views yet; its descriptor lies in {@code arena}. */
  public CopyOp(Arena arena) {
    super(arena, pcd_copy_desc.layout());
  }

  /** Source: read. */
  public CopyOp source(Tensor tensor) {
    put(pcd_copy_desc.source$offset(), tensor);
    return this;
  }

  /** Target: of the same size in bytes; written. */
  public CopyOp target(Tensor tensor) {
    put(pcd_copy_desc.target$offset(), tensor);
    return this;
  }

  /** Copies. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_copy);
  }
}
