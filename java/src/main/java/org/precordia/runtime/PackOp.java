// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_pack_desc;
import org.precordia.bindings.pcd_pack_entry;

/**
 * Brings parameters into the backend's own layout and precision; to be run after every change of
 * the parameters.
 */
public final class PackOp extends Op {
  private final List<Entry> entries = new ArrayList<>();

  /** An op without entries yet; its descriptor lies in {@code arena}. */
  public PackOp(Arena arena) {
    super(arena, pcd_pack_desc.layout());
  }

  /** Which op the parameters belong to. */
  public enum Kind {
    STEM(Precordia.PCD_OP_STEM()),
    DILATED_STACK(Precordia.PCD_OP_DILATED_STACK()),
    POOL_PROJECT(Precordia.PCD_OP_POOL_PROJECT()),
    FILM(Precordia.PCD_OP_FILM()),
    HEAD(Precordia.PCD_OP_HEAD()),
    CLASSIFIER(Precordia.PCD_OP_CLASSIFIER());

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  /**
   * What the layout depends on.
   *
   * @param kind the op
   * @param dtype storage of the activations it will run with
   * @param channels C
   * @param leads stem: inputs; head: targets; classifier: labels; pool_project: embedding; else 0
   * @param blocks dilated_stack: number of blocks; else 0
   */
  public record Entry(Kind kind, DType dtype, int channels, int leads, int blocks) {

    /** Bytes the packed form takes. */
    public long size(Context context) {
      context.acquire();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment entry = pcd_pack_entry.allocate(arena);
        store(entry);
        MemorySegment bytes = arena.allocate(Long.BYTES, Long.BYTES);
        context.check(Precordia.pcd_pack_size(context.handle(), entry, bytes));
        return bytes.get(ValueLayout.JAVA_LONG, 0);
      } finally {
        context.release();
      }
    }

    private void store(MemorySegment entry) {
      pcd_pack_entry.op(entry, kind.code);
      pcd_pack_entry.dtype(entry, dtype.code());
      pcd_pack_entry.channels(entry, channels);
      pcd_pack_entry.leads(entry, leads);
      pcd_pack_entry.blocks(entry, blocks);
    }
  }

  /**
   * Adds one op's parameters.
   *
   * @param parameters F32, flat, in the op's order
   * @param packed U8 [{@link Entry#size}]; written
   */
  public PackOp add(Entry entry, Tensor parameters, Tensor packed) {
    int index = entries.size();
    if (index == pcd_pack_desc.entries$dimensions()[0]) {
      throw new IllegalStateException("one pack takes at most " + index + " entries");
    }
    entries.add(entry);
    pcd_pack_desc.count(descriptor(), index + 1);
    entry.store(pcd_pack_desc.entries(descriptor(), index));
    long base = pcd_pack_desc.entries$offset() + index * pcd_pack_entry.sizeof();
    put(base + pcd_pack_entry.parameters$offset(), parameters);
    put(base + pcd_pack_entry.packed$offset(), packed);
    return this;
  }

  /** Packs all entries. */
  public void run(Stream stream) {
    launch(stream, Precordia::pcd_pack);
  }
}
