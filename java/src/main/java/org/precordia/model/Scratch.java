// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * Scratch memory that the ops of one stream share: as they run one after the other, a single block
 * of the largest size is enough.
 */
public final class Scratch {
  private final List<Consumer<Tensor>> users = new ArrayList<>();
  private long bytes;

  /**
   * Registers an op's need.
   *
   * @param size bytes the op wants
   * @param user receives the block once it is allocated
   */
  public void need(long size, Consumer<Tensor> user) {
    bytes = Math.max(bytes, size);
    users.add(user);
  }

  /** Allocates the block and hands it to all users. */
  public void allocate(Stream stream, Resources resources) {
    Tensor block = resources.bytes(stream, bytes);
    users.forEach(user -> user.accept(block));
    users.clear();
  }
}
