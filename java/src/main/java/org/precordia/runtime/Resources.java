// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Things to be closed together, in the reverse order of their making. Every one is closed even when
 * another one fails.
 */
public final class Resources implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Adds something to be closed, and returns it. */
  public <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  /** Allocates a tensor in device memory whose buffer is closed with this. */
  public Tensor allocate(Stream stream, DType dtype, long... shape) {
    return own(stream.allocate(dtype, shape));
  }

  /** Bytes of device memory for an op that asks for so many, at least one: some ask for none. */
  public Tensor bytes(Stream stream, long count) {
    return allocate(stream, DType.U8, Math.max(1, count));
  }

  /** Adds a tensor's buffer to be closed, and returns the tensor. */
  public Tensor own(Tensor tensor) {
    add(tensor.buffer());
    return tensor;
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = e instanceof RuntimeException r ? r : new IllegalStateException(e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
