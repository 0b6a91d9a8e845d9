// SPDX-License-Identifier: Apache-2.0
//
// What the tensor-core kernels of dilated_stack share. bf16 storage, fp32 sums, C = 64, 128 or 256.
//
// A warpgroup works on 64 rows, each of its warps on 16 rows and all C columns: row statistics stay inside four
// lanes, and the result of one product is, packed, the left operand of the next without leaving the registers. The
// left operand comes from a tile of rows in shared memory, whose rows are shifted by whole rows for the taps; the
// right operand, the weights, from slabs in shared memory (slabs.cuh).
//
// Tile: rows of 2·C bytes; 16-byte chunk j of row s lies at chunk j ^ (s mod 8). With step = min(dilation, 64) it
// holds 64 + 2·step rows, and tap k reads rows k·step onwards: neighbouring rows when the dilation is at most 64,
// three separate pieces beyond. A row outside its window is read from a row of zeros instead.
#ifndef PCD_KERNELS_DILATED_STACK_TILE_CUH
#define PCD_KERNELS_DILATED_STACK_TILE_CUH

#include "dilated_stack/slabs.cuh"

namespace pcd::kernels::stack {

constexpr int kGroupRows = 64;  // rows of a warpgroup

PCD_BOTH int step_of(uint32_t dilation) { return dilation < kGroupRows ? static_cast<int>(dilation) : kGroupRows; }
PCD_BOTH int tile_bytes(int c, int step) { return (kGroupRows + 2 * step) * c * 2; }
PCD_BOTH int vector_bytes(int c) { return c * 4; }

// Rows and windows of one launch; rows < 2^31, dilation at most the length (beyond it a tap reads nothing anyway).
struct Rows {
  uint32_t rows, length, dilation;
};

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
    // The tile's row s is `offset` from row0. A row beside the centre matters to the centre's windows only, so that
    // one that is needed exists; 32 bits may overflow where it is not.
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

// Addresses from which a lane reads left operands, for one tap: of terms 16·k to 16·k + 15. Rows begin at multiples
// of 128 bytes, eight chunks, so four addresses and constant distances from them serve all k.
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
      : shape(rows), tile(tile_address), zeros(zeros_address), lane(place.lane),
        row(place.warp * 16 + (place.lane & 15)), step(step_of_tile) {
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

// A vector of parameters: in shared memory, or where tiles and weights fill that, read through the L1. The flat
// parameters are aligned to 4 bytes only.
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

// Exchanges a 4 × 4 matrix of words among the four lanes of a quad: v[i] of lane q becomes what v[q] of lane i was.
// Four 8-column results of a row, two columns a lane, become one result of eight columns a lane, and back.
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
