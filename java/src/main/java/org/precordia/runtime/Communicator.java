// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.precordia.bindings.NativeMemory;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_communicator_desc;
import org.precordia.bindings.pcd_communicator_info;
import org.precordia.bindings.pcd_tensor;

/**
 * Ranks that compute together, a process each. All of them call the same collectives in the same
 * order, on tensors of equal type and size. A collective takes its turn in its stream like an op,
 * and may be recorded in a graph, which is to be closed before its communicator.
 */
public final class Communicator extends NativeObject {
  /** Bytes of what ranks of NCCL find each other by. */
  public static final int UNIQUE_ID_BYTES =
      (int) pcd_communicator_desc.unique_id$layout().byteSize();

  /** What moves tensors between ranks. */
  public enum Kind {
    /** One rank; nothing moves. */
    SINGLE(Precordia.PCD_COMMUNICATOR_SINGLE()),
    /** Between GPUs, by NVIDIA's library, which is opened at run time. */
    NCCL(Precordia.PCD_COMMUNICATOR_NCCL()),
    /** Between processors, by the MPI that the library was built with. */
    MPI(Precordia.PCD_COMMUNICATOR_MPI());

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private final Kind kind;
  private final int rank;
  private final int ranks;

  private Communicator(Context context, MemorySegment handle, Kind kind, int rank, int ranks) {
    super(context, handle, "a communicator");
    this.kind = kind;
    this.rank = rank;
    this.ranks = ranks;
  }

  /** One rank: sums are their only summand. */
  public static Communicator single(Context context) {
    return create(context, Kind.SINGLE, 0, 1, null);
  }

  /**
   * Meets the other ranks; waits for all of them.
   *
   * @param ranks how many take part; of MPI the first ones of {@code MPI_COMM_WORLD}
   * @param uniqueId of NCCL, what {@link #uniqueId} gave one of the ranks, the same for all; null
   *     for other kinds
   * @throws CommunicationException if they do not come together
   */
  public static Communicator create(
      Context context, Kind kind, int rank, int ranks, byte[] uniqueId) {
    if (uniqueId != null && uniqueId.length != UNIQUE_ID_BYTES) {
      throw new IllegalArgumentException(
          "the id of ranks has %d bytes, not %d".formatted(uniqueId.length, UNIQUE_ID_BYTES));
    }
    context.acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment desc = pcd_communicator_desc.allocate(arena);
      pcd_communicator_desc.struct_size(desc, (int) pcd_communicator_desc.sizeof());
      pcd_communicator_desc.kind(desc, kind.code);
      pcd_communicator_desc.rank(desc, rank);
      pcd_communicator_desc.ranks(desc, ranks);
      if (uniqueId != null) {
        pcd_communicator_desc.unique_id(desc).copyFrom(MemorySegment.ofArray(uniqueId));
      }
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      context.check(Precordia.pcd_communicator_create(context.handle(), desc, out));
      return new Communicator(context, out.get(ValueLayout.ADDRESS, 0), kind, rank, ranks);
    } finally {
      context.release();
    }
  }

  /**
   * What ranks of a kind find each other by, {@value #UNIQUE_ID_BYTES} bytes; to be carried from
   * one rank to all.
   *
   * @throws PrecordiaException if the kind's library cannot be had, or needs none
   */
  public static byte[] uniqueId(Kind kind) {
    Devices.library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment id = arena.allocate(UNIQUE_ID_BYTES);
      MemorySegment message = arena.allocate(Devices.MESSAGE_BYTES);
      Devices.check(
          Precordia.pcd_communicator_unique_id(kind.code, id, message, Devices.MESSAGE_BYTES),
          message);
      return id.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * Name and version of the library that a kind uses.
   *
   * @throws PrecordiaException if it cannot be had; the message says why
   */
  public static String library(Kind kind) {
    Devices.library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(Devices.MESSAGE_BYTES);
      Devices.check(
          Precordia.pcd_communicator_library(kind.code, text, Devices.MESSAGE_BYTES), text);
      return NativeMemory.string(text);
    }
  }

  /** What moves the tensors. */
  public Kind kind() {
    return kind;
  }

  /** Number of this rank, from 0. */
  public int rank() {
    return rank;
  }

  /** How many ranks there are. */
  public int ranks() {
    return ranks;
  }

  /** Adds a tensor up over the ranks, in place. */
  public void allReduce(Stream stream, Tensor tensor) {
    call(tensor, null, (handle, one, _) -> Precordia.pcd_all_reduce(handle, stream.handle(), one));
  }

  /**
   * Begins to reduce a tensor in place, beside what the stream does next. It may be used, or
   * written, after {@link #join}.
   */
  public void beginAllReduce(Stream stream, Tensor tensor, Reduction reduction) {
    call(
        tensor,
        null,
        (handle, one, _) ->
            Precordia.pcd_all_reduce_begin(handle, stream.handle(), one, reduction.code()));
  }

  /** Lets the stream go on when all that was begun is done. */
  public void join(Stream stream) {
    call(null, null, (handle, _, _) -> Precordia.pcd_communicator_join(handle, stream.handle()));
  }

  /**
   * Lays the ranks' tensors one after the other.
   *
   * @param source this rank's; may be its own part of {@code target}
   */
  public void allGather(Stream stream, Tensor source, Tensor target) {
    call(
        source,
        target,
        (handle, from, to) -> Precordia.pcd_all_gather(handle, stream.handle(), from, to));
  }

  /**
   * Adds tensors up over the ranks and leaves each its part.
   *
   * @param target this rank's part; may be that part of {@code source}
   */
  public void reduceScatter(Stream stream, Tensor source, Tensor target) {
    call(
        source,
        target,
        (handle, from, to) -> Precordia.pcd_reduce_scatter(handle, stream.handle(), from, to));
  }

  /** Gives one rank's tensor to all. */
  public void broadcast(Stream stream, Tensor tensor, int root) {
    call(
        tensor,
        null,
        (handle, one, _) -> Precordia.pcd_broadcast(handle, stream.handle(), one, root));
  }

  /** Lets the stream go on when all ranks have come here. */
  public void barrier(Stream stream) {
    call(null, null, (handle, _, _) -> Precordia.pcd_barrier(handle, stream.handle()));
  }

  /**
   * Reports asynchronous faults so far.
   *
   * @throws CommunicationException if ranks can no longer reach each other
   */
  public void check() {
    call(null, null, (handle, _, _) -> Precordia.pcd_communicator_status(handle));
  }

  /**
   * Gives up what is under way and what would come, because a rank was lost or this one failed.
   * From any thread: a collective that another one is inside ends with {@link
   * CommunicationException}.
   */
  public void abort() {
    // Not through the context, which whoever waits holds.
    int status = Precordia.pcd_communicator_abort(handle());
    if (status != Precordia.PCD_OK()) {
      throw PrecordiaException.of(status, "the communicator is no longer there");
    }
  }

  /** What this rank has done so far. */
  public CommunicatorStatistics statistics() {
    MemorySegment communicator = handle();
    context().acquire();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = pcd_communicator_info.allocate(arena);
      pcd_communicator_info.struct_size(info, (int) pcd_communicator_info.sizeof());
      context().check(Precordia.pcd_communicator_query(communicator, info));
      return new CommunicatorStatistics(
          pcd_communicator_info.collectives(info),
          pcd_communicator_info.bytes(info),
          pcd_communicator_info.waited(info));
    } finally {
      context().release();
    }
  }

  private void call(Tensor first, Tensor second, Call call) {
    MemorySegment communicator = handle();
    context().acquire();
    try (Arena arena = Arena.ofConfined()) {
      context().check(call.run(communicator, view(arena, first), view(arena, second)));
    } finally {
      context().release();
    }
  }

  private static MemorySegment view(Arena arena, Tensor tensor) {
    if (tensor == null) {
      return MemorySegment.NULL;
    }
    tensor.buffer().requireOpen();
    MemorySegment view = pcd_tensor.allocate(arena);
    tensor.store(view);
    return view;
  }

  @Override
  int destroy(MemorySegment handle) {
    return Precordia.pcd_communicator_destroy(handle);
  }

  private interface Call {
    int run(MemorySegment communicator, MemorySegment first, MemorySegment second);
  }
}
