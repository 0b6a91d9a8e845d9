// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.precordia.model.Network;
import org.precordia.runtime.CopyOp;
import org.precordia.runtime.DType;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * The embeddings of all chunks of a step and their gradients, collected from the network that
 * encodes one chunk at a time, and handed back to it. With one chunk they are the network's own.
 */
final class ChunkedEmbeddings {
  private final Arena arena;
  private final Network.Embeddings part;
  private final Network.Embeddings whole;
  private final int chunks;
  private final List<List<CopyOp>> collect = new ArrayList<>();
  private final List<List<CopyOp>> distribute = new ArrayList<>();

  ChunkedEmbeddings(
      Arena arena, Resources resources, Stream stream, Network.Embeddings part, int chunks) {
    this.arena = arena;
    this.part = part;
    this.chunks = chunks;
    if (chunks == 1) {
      whole = part;
      return;
    }
    whole =
        new Network.Embeddings(
            wide(resources, stream, part.h()),
            wide(resources, stream, part.z()),
            wide(resources, stream, part.hGrad()),
            wide(resources, stream, part.zGrad()));
    for (int chunk = 0; chunk < chunks; chunk++) {
      collect.add(
          List.of(
              copy(part.h(), slice(whole.h(), chunk)), copy(part.z(), slice(whole.z(), chunk))));
    }
  }

  private Tensor wide(Resources resources, Stream stream, Tensor one) {
    return resources.allocate(stream, DType.F32, one.extent(0) * chunks, one.extent(1));
  }

  private Tensor slice(Tensor all, int chunk) {
    long rows = part.h().extent(0);
    return all.slice(chunk * rows, (chunk + 1) * rows);
  }

  private CopyOp copy(Tensor source, Tensor target) {
    return new CopyOp(arena).source(source).target(target);
  }

  /** Those of all chunks. */
  Network.Embeddings whole() {
    return whole;
  }

  /** Says which gradients are handed back. */
  void returns(boolean ofH, boolean ofZ) {
    for (int chunk = 0; chunks > 1 && chunk < chunks; chunk++) {
      List<CopyOp> back = new ArrayList<>();
      if (ofH) {
        back.add(copy(slice(whole.hGrad(), chunk), part.hGrad()));
      }
      if (ofZ) {
        back.add(copy(slice(whole.zGrad(), chunk), part.zGrad()));
      }
      distribute.add(back);
    }
  }

  /** Keeps what the network has just encoded. */
  void collect(Stream stream, int chunk) {
    collect.get(chunk).forEach(copy -> copy.run(stream));
  }

  /** Hands a chunk's gradients back. */
  void distribute(Stream stream, int chunk) {
    distribute.get(chunk).forEach(copy -> copy.run(stream));
  }
}
