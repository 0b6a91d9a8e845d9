// SPDX-License-Identifier: Apache-2.0
//
// What the tensor-core kernels of dilated_stack share. bf16 storage, fp32 sums, C = 64, 128 or 256.
//
// A warpgroup works on 64 rows, each of its warps on 16 rows and all C columns: row statistics stay inside four lanes, and
// the result of one product is, packed, the left operand of the next without leaving the registers. The left operand comes
// from a tile of rows in shared memory, whose rows are shifted by whole rows for the taps; the right operand, the weights,
// from slabs in shared memory: wgmma on sm_90a, mma.sync elsewhere, from the same layouts.
//
// Tile: rows of 2·C bytes; 16-byte chunk j of row s lies at chunk j ^ (s mod 8). With step = min(dilation, 64) it holds
// 64 + 2·step rows, and tap k reads rows k·step onwards: neighbouring rows when the dilation is at most 64, three separate
// pieces beyond. A row outside its window is read from a row of zeros instead.
//
// Slab: C rows (the product's columns) of 64 terms, 128 bytes, chunk j of row n at j ^ (n mod 8), which is both wgmma's
// 128-byte swizzle and free of bank conflicts for ldmatrix.
#ifndef PCD_KERNELS_DILATED_STACK_TILE_CUH
#define PCD_KERNELS_DILATED_STACK_TILE_CUH

#include "common/mma.cuh"
#include "dilated_stack/parameters.cuh"

namespace pcd::kernels::stack {

constexpr int kGroupRows = 64;   // rows of a warpgroup
constexpr int kSlabDepth = 64;   // terms of a slab
constexpr int kChunk = 16;       // bytes of a copy, eight elements

PCD_BOTH int slabs(int c) { return c / kSlabDepth; }             // of one matrix
PCD_BOTH int slab_bytes(int c) { return c * kSlabDepth * 2; }
PCD_BOTH int matrix_bytes(int c) { return c * c * 2; }
PCD_BOTH int64_t packed_bytes(int64_t c) { return 2 * kMatrices * c * c * 2; }  // of a block: as it is and exchanged
PCD_BOTH int step_of(uint32_t dilation) { return dilation < kGroupRows ? static_cast<int>(dilation) : kGroupRows; }
PCD_BOTH int tile_bytes(int c, int step) { return (kGroupRows + 2 * step) * c * 2; }

PCD_BOTH int vector_bytes(int c) { return c * 4; }

// Rows and windows of one launch; rows < 2^31, dilation at most the length (beyond it a tap reads nothing anyway).
struct Rows {
  uint32_t rows, length, dilation;
};

// Slabs of all matrices of a block: [orientation][matrix][slab][n][64]; in the first orientation n is the output channel,
// in the second the input channel. A thread a chunk; grid (chunks of a block / 256, blocks).
PCD_KERNEL void pack_slabs(const float* parameters, int c, uint4* packed) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x, chunks = packed_bytes(c) / kChunk;
  if (e >= chunks) return;
  const Parameters<const float> p(parameters + blockIdx.y * block_parameters(c), c);
  const int row = static_cast<int>(e / 8), chunk = static_cast<int>(e % 8);  // rows of all slabs
  const int n = row % c, slab = row / c % slabs(c), matrix = row / c / slabs(c) % kMatrices;
  const bool exchanged = row / c / slabs(c) >= kMatrices;
  const int k0 = slab * kSlabDepth + (chunk ^ (n & 7)) * 8;
  uint32_t pair[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int k = k0 + 2 * i;
    const float first = exchanged ? weight_at(p, matrix, k, n, c) : weight_at(p, matrix, n, k, c);
    const float second = exchanged ? weight_at(p, matrix, k + 1, n, c) : weight_at(p, matrix, n, k + 1, c);
    pair[i] = pack_bf16(first, second);
  }
  packed[blockIdx.y * chunks + e] = make_uint4(pair[0], pair[1], pair[2], pair[3]);
}

// This thread's place in its warpgroup.
struct Place {
  int thread, lane, warp, group_row, quad;  // of the warpgroup; group_row = g, quad = q of common/mma.cuh
  PCD_DEVICE Place()
      : thread(threadIdx.x % kWarpgroup), lane(threadIdx.x % kWarp), warp(thread / kWarp), group_row(lane / 4),
        quad(lane % 4) {}
  // First of the two rows (the other is 8 further) whose results this lane holds.
  PCD_DEVICE int row() const { return warp * 16 + group_row; }
};

// A time that may have left its window by any number of windows, brought into [0, length).
PCD_DEVICE int wrapped(int t, int length) {
  if (t < 0 || t >= length) {
    t %= length;
    if (t < 0) t += length;
  }
  return t;
}

// One warpgroup's copy of 64 rows from row0 and what the taps need around them; the caller commits.
template <int C>
PCD_DEVICE void copy_tile(const bf16* x, const Rows& shape, uint32_t row0, int step, uint32_t tile, int thread) {
  constexpr int kChunks = C / 8, kRowsAtOnce = kWarpgroup / kChunks;
  const int chunk = thread % kChunks, count = kGroupRows + 2 * step, first = thread / kChunks;
  const int length = static_cast<int>(shape.length), dilation = static_cast<int>(shape.dilation);
  const int t0 = static_cast<int>(row0 % shape.length);
  if (dilation < kGroupRows && t0 + kGroupRows <= length && row0 + kGroupRows <= shape.rows) {
    // All 64 rows in one window: the tile's rows that lie in it are neighbours.
    const int begin = max(0, step - t0), end = min(count, length - t0 + step);
    const bf16* source = x + (static_cast<int64_t>(row0) - step + first) * C + chunk * 8;
    uint32_t target = tile + first * (2 * C);
#pragma unroll(C == 64 ? 4 : 1)  // registers are short at the larger widths
    for (int s = first; s < end; s += kRowsAtOnce) {
      if (s >= begin) copy_async(target + ((chunk ^ (s & 7)) * kChunk), source);
      source += kRowsAtOnce * C;
      target += kRowsAtOnce * (2 * C);
    }
    return;
  }
  for (int s = first; s < count; s += kRowsAtOnce) {
    // The tile's row s is `offset` from row0. A row beside the centre matters to the centre's windows only, so that one that
    // is needed exists; 32 bits may overflow where it is not.
    uint32_t offset;
    bool needed = true;
    if (dilation < kGroupRows) {
      const int t = wrapped(t0 + s - step, length);
      offset = static_cast<uint32_t>(s - step);
      if (s < step) needed = t < length - dilation;
      if (s >= kGroupRows + step) needed = t >= dilation;
    } else {
      const int tap = s / kGroupRows, row = s % kGroupRows, t = wrapped(t0 + row, length);
      offset = static_cast<uint32_t>(row) + static_cast<uint32_t>(tap - 1) * shape.dilation;
      needed = tap == 1 || (tap == 0 ? t >= dilation : t < length - dilation);
    }
    const uint32_t row = row0 + offset;
    if (needed && row < shape.rows) {
      copy_async(tile + s * (2 * C) + ((chunk ^ (s & 7)) * kChunk), x + static_cast<int64_t>(row) * C + chunk * 8);
    }
  }
}

// Addresses from which a lane reads left operands, for one tap: of terms 16·k to 16·k + 15. Rows begin at multiples of 128
// bytes, eight chunks, so four addresses and constant distances from them serve all k.
struct LaneRow {
  uint32_t first;  // of the terms 0 to 15
  PCD_DEVICE LaneRow(uint32_t row, uint32_t swizzle, int lane)
      : first(row + ((static_cast<uint32_t>(lane >> 4) ^ swizzle) * kChunk)) {}
  PCD_DEVICE uint32_t operator()(int k) const { return (first ^ ((k & 3) * (2 * kChunk))) + (k >> 2) * (8 * kChunk); }
};

// The row of a tile that a lane points to.
template <int C>
struct TileRow {
  const Rows& shape;
  uint32_t tile, zeros, t;
  int lane, row, step;
  bool inside;

  PCD_DEVICE TileRow(const Rows& rows, uint32_t row0, int step_of_tile, uint32_t tile_address, uint32_t zeros_address,
                     const Place& place)
      : shape(rows), tile(tile_address), zeros(zeros_address), lane(place.lane), row(place.warp * 16 + (place.lane & 15)),
        step(step_of_tile) {
    t = row0 % rows.length + row;
    if (t >= rows.length) t %= rows.length;
    inside = row0 + row < rows.rows;
  }

  // Where row + side·dilation lies; side -1, 0, 1.
  PCD_DEVICE LaneRow at(int side) const {
    const bool exists = side == 0 || (side < 0 ? t >= shape.dilation : t < shape.length - shape.dilation);
    const int s = row + (side + 1) * step;
    const bool read = inside && exists;
    return LaneRow(read ? tile + s * (2 * C) : zeros, read ? s & 7 : 0, lane);
  }
};

// acc[64, C] += a[64, 64]·slab, the left operand's four fragments given.
template <int C, bool kWgmma>
PCD_DEVICE void multiply_slab(float (&acc)[C / 2], const uint32_t (&a)[4][4], uint32_t slab, int lane) {
  compute_afresh(slab);
  if constexpr (kWgmma) {
    const uint64_t b = wgmma_descriptor(slab);
    wgmma_fence();
#pragma unroll
    for (int k = 0; k < 4; ++k) wgmma<C>(acc, a[k], b + 2 * k);
    wgmma_commit();
  } else {
    // Rows n of two neighbouring 8-column results, and the two halves of k.
    const int n = (lane & 7) + ((lane >> 4) << 3), half = (lane >> 3) & 1;
    const uint32_t row = slab + n * 128;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const uint32_t address = row + (((2 * k + half) ^ (n & 7)) * kChunk);
#pragma unroll
      for (int j = 0; j < C / 16; ++j) {
        uint32_t b[4];
        load_matrices(address + j * 16 * 128, b);
        mma_bf16(&acc[8 * j], a[k], b[0], b[1]);
        mma_bf16(&acc[8 * j + 4], a[k], b[2], b[3]);
      }
    }
  }
}

// A vector of parameters: in shared memory, or where tiles and weights fill that, read through the L1. The flat parameters
// are aligned to 4 bytes only.
template <int C, bool kShared = C != 256>
struct Vector {
  const float* data;
  PCD_DEVICE Vector(const float* source, float* shared, int threads) : data(kShared ? shared : source) {
    if constexpr (kShared) {
      for (int i = threadIdx.x; i < C; i += threads) shared[i] = source[i];
    }
  }
  // Columns 8·j + 2·q and the next.
  PCD_DEVICE float2 pair(int j, int quad) const {
    const float* at = data + 8 * j + 2 * quad;
    if constexpr (!kShared) return make_float2(at[0], at[1]);
    return *reinterpret_cast<const float2*>(at);
  }
};

template <int C>
PCD_DEVICE void clear_row(char* row, int threads) {
  for (int i = threadIdx.x; i < C / 2; i += threads) reinterpret_cast<uint32_t*>(row)[i] = 0;
}

// Where the weights' slabs come from. acquire() gives the address of the next one in the products' order; release() says
// that this warp has read the oldest one that it holds.

// Slabs that lie in shared memory for the whole launch.
template <int C>
struct ResidentSlabs {
  uint32_t base;
  PCD_DEVICE uint32_t acquire(int slab) { return base + slab * slab_bytes(C); }
  PCD_DEVICE void release() {}
};

// Slabs that stream through a ring of kRing, the same sequence of kCount again and again. All threads of the block take
// each slab at the same time; copies run kRing - 1 slabs ahead.
template <int C, int kRing, int kCount, int kThreadsOfBlock>
struct StreamedSlabs {
  const char* source;
  uint32_t ring;
  int next = 0, slot = 0;

  PCD_DEVICE void start() {
#pragma unroll
    for (int i = 0; i < kRing - 1; ++i) request(i);
  }
  PCD_DEVICE void request(int target) {
    constexpr int kBytes = slab_bytes(C);
    const char* from = source + static_cast<int64_t>(next) * kBytes;
    const uint32_t to = ring + target * kBytes;
#pragma unroll 4
    for (int i = threadIdx.x * kChunk; i < kBytes; i += kThreadsOfBlock * kChunk) copy_async(to + i, from + i);
    copy_async_commit();
    next = next + 1 == kCount ? 0 : next + 1;
  }
  // Whoever asks has read the slab before, and everybody comes here with the same slab.
  PCD_DEVICE uint32_t acquire(int) {
    copy_async_wait<kRing - 2>();
    __syncthreads();
    request((slot + kRing - 1) % kRing);
    const uint32_t address = ring + slot * slab_bytes(C);
    slot = slot + 1 == kRing ? 0 : slot + 1;
    return address;
  }
  PCD_DEVICE void release() {}
};

// The same through the copy engine: warpgroups run apart by up to a ring, because the last warp to release a slab asks for
// the one that takes its place. `left` slabs have not been asked for, a multiple of kCount at first.
constexpr int kRingState = 256;  // bytes: a counter of bytes and one of readers for each slot
template <int C, int kRing, int kCount, int kWarps>
struct BulkSlabs {
  const char* source;
  uint32_t ring;
  int* readers;
  int left;
  int slot = 0, parity = 0, oldest = 0;

  PCD_DEVICE uint32_t counter(int of) const { return ring + kRing * slab_bytes(C) + 8 * of; }

  // By all threads, before a barrier of the block; then request_first().
  PCD_DEVICE void start() {
    if (threadIdx.x < kRing) {
      count_init(counter(threadIdx.x), 1);
      readers[threadIdx.x] = 0;
    }
    count_init_fence();
  }
  PCD_DEVICE void request_first() {
#pragma unroll
    for (int i = 0; i < kRing; ++i, --left) {
      if (threadIdx.x == 0) request(i);
    }
  }
  PCD_DEVICE void request(int target) const {
    constexpr int kBytes = slab_bytes(C);
    if (left > 0) {
      copy_bulk(ring + target * kBytes, source + (kCount - left % kCount) % kCount * kBytes, kBytes, counter(target));
    }
  }
  PCD_DEVICE uint32_t acquire(int) {
    count_wait(counter(slot), parity);
    const uint32_t address = ring + slot * slab_bytes(C);
    if (++slot == kRing) {
      slot = 0;
      parity ^= 1;
    }
    return address;
  }
  PCD_DEVICE void release() {
    if (threadIdx.x % kWarp == 0 && atomicAdd(readers + oldest, 1) == kWarps - 1) {
      readers[oldest] = 0;
      __threadfence_block();
      request(oldest);
    }
    --left;
    oldest = oldest + 1 == kRing ? 0 : oldest + 1;
  }
};

// Shared memory of the weights: all of them, or a ring and, with the copy engine, its state.
PCD_BOTH int slab_memory(int c, bool wgmma, int ring, int matrices) {
  return ring == 0 ? matrices * matrix_bytes(c) : ring * slab_bytes(c) + (wgmma ? kRingState : 0);
}

template <int C, bool kWgmma, int kRing, int kMatricesTaken, int kThreadsOfBlock>
struct Slabs {
  static constexpr int kCount = kMatricesTaken * slabs(C);
  static constexpr bool kLockstep = kRing != 0 && !kWgmma;  // acquire() is a barrier of the block
  static constexpr bool kBulk = kRing != 0 && kWgmma;

  // The weights from `source`, to the beginning of `memory`; `rounds` over all of them. Waits for what this
  // block has written to shared memory and, unless in lockstep, copied there.
  static PCD_DEVICE auto open(const char* source, char* memory, int rounds) {
    const uint32_t base = shared_address(memory);
    if constexpr (kLockstep) {
      StreamedSlabs<C, kRing, kCount, kThreadsOfBlock> result{source, base};
      result.start();
      __syncthreads();
      return result;
    } else if constexpr (kBulk) {
      int* readers = reinterpret_cast<int*>(memory + kRing * slab_bytes(C) + 8 * kRing);
      BulkSlabs<C, kRing, kCount, kThreadsOfBlock / kWarp> result{source, base, readers, kCount * rounds};
      result.start();
      copy_async_commit();
      copy_async_wait<0>();
      __syncthreads();
      result.request_first();
      return result;
    } else {
      constexpr int bytes = kMatricesTaken * matrix_bytes(C);
      for (int i = threadIdx.x * kChunk; i < bytes; i += kThreadsOfBlock * kChunk) copy_async(base + i, source + i);
      copy_async_commit();
      copy_async_wait<0>();
      fence_shared_for_wgmma();
      __syncthreads();
      return ResidentSlabs<C>{base};
    }
  }
};

// acc += Σ_tap (rows shifted by direction·(tap - 1) dilations)·(matrix tap of the slabs).
template <int C, bool kWgmma, typename Weights>
PCD_DEVICE void convolve(float (&acc)[C / 2], Weights& weights, const TileRow<C>& rows, int direction, int lane) {
  uint32_t a[2][4][4];
#pragma unroll
  for (int tap = 0; tap < kTaps; ++tap) {
    const LaneRow row = rows.at((tap - 1) * direction);
#pragma unroll
    for (int kc = 0; kc < slabs(C); ++kc) {
      const int index = tap * slabs(C) + kc;
      const uint32_t slab = weights.acquire(index);
#pragma unroll
      for (int k = 0; k < 4; ++k) load_matrices(row(kc * 4 + k), a[index % 2][k]);
      multiply_slab<C, kWgmma>(acc, a[index % 2], slab, lane);
      if (kWgmma && index > 0) {  // one slab's products are under way while the next one's operands are loaded
        wgmma_wait<1>();
        weights.release();
      }
    }
  }
  if constexpr (kWgmma) {
    wgmma_wait<0>();
    weights.release();
  }
}

// acc += a·(one matrix), a in registers.
template <int C, bool kWgmma, typename Weights>
PCD_DEVICE void multiply(float (&acc)[C / 2], const uint32_t (&a)[C / 16][4], Weights& weights, int first, int lane) {
#pragma unroll
  for (int kc = 0; kc < slabs(C); ++kc) {
    const uint32_t slab = weights.acquire(first + kc);
    multiply_slab<C, kWgmma>(acc, reinterpret_cast<const uint32_t(&)[4][4]>(a[4 * kc]), slab, lane);
    if (kWgmma && kc > 0) {
      wgmma_wait<1>();
      weights.release();
    }
  }
  if constexpr (kWgmma) {
    wgmma_wait<0>();
    weights.release();
  }
}

// Exchanges a 4 × 4 matrix of words among the four lanes of a quad: v[i] of lane q becomes what v[q] of lane i was. Four
// 8-column results of a row, two columns a lane, become one result of eight columns a lane, and back.
PCD_DEVICE void transpose_quad(uint32_t (&v)[4], int quad) {
#pragma unroll
  for (int i = 0; i < 4; i += 2) {
    const bool odd = (quad & 1) != 0;
    const uint32_t other = __shfl_xor_sync(kFullMask, odd ? v[i] : v[i + 1], 1);
    odd ? v[i] = other : v[i + 1] = other;
  }
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const bool high = (quad & 2) != 0;
    const uint32_t other = __shfl_xor_sync(kFullMask, high ? v[i] : v[i + 2], 2);
    high ? v[i] = other : v[i + 2] = other;
  }
}

// Columns 32·j to 32·j + 31 of one row, from or to packed pairs of the four 8-column results.
PCD_DEVICE void store_quad(bf16* row, int j, uint32_t (&v)[4], int quad, bool inside) {
  transpose_quad(v, quad);
  if (inside) *reinterpret_cast<uint4*>(row + 32 * j + 8 * quad) = make_uint4(v[0], v[1], v[2], v[3]);
}
PCD_DEVICE uint4 fetch_quad(const bf16* row, int j, int quad, bool inside) {
  return inside ? *reinterpret_cast<const uint4*>(row + 32 * j + 8 * quad) : make_uint4(0, 0, 0, 0);
}

PCD_DEVICE float quad_sum(float x) {
  x += __shfl_xor_sync(kFullMask, x, 1);
  return x + __shfl_xor_sync(kFullMask, x, 2);
}

// Sums of eight values over the eight lanes of equal q; lane 4·g + q has the sum of value g.
PCD_DEVICE float column_sum(float (&v)[8], int group_row) {
#pragma unroll
  for (int half = 4; half >= 1; half /= 2) {
    const bool upper = (group_row & half) != 0;
#pragma unroll
    for (int i = 0; i < half; ++i) {
      const float other = __shfl_xor_sync(kFullMask, upper ? v[i] : v[i + half], 4 * half);
      v[i] = (upper ? v[i + half] : v[i]) + other;
    }
  }
  return v[0];
}

}  // namespace pcd::kernels::stack

#endif
