// SPDX-License-Identifier: Apache-2.0
//
// supcon on the CUDA cores in fp32: GPUs older than sm_80 and embeddings wider than 128. A block of 256 threads works
// on 64 rows × 64 columns, a thread on 4 × 4 of them: rows ty + 16·a, columns tx + 16·b.
#ifndef PCD_KERNELS_SUPCON_GENERAL_CUH
#define PCD_KERNELS_SUPCON_GENERAL_CUH

#include "supcon/pairs.cuh"

namespace pcd::kernels::supcon {

constexpr int kGeneralThreads = 256;
constexpr int kGeneralStep = 32;  // of the depth in shared memory

struct GeneralTile {
  float left[kGeneralStep][kTile + 1], right[kGeneralStep][kTile + 1];
  Entries rows, columns;
};

PCD_DEVICE void copy_entries(const Entries& from, Entries& to) {
  const uint32_t* source = reinterpret_cast<const uint32_t*>(&from);
  uint32_t* target = reinterpret_cast<uint32_t*>(&to);
  for (unsigned i = threadIdx.x; i < sizeof(Entries) / 4; i += kGeneralThreads) target[i] = source[i];
}

// The entries of a block's rows, which need not begin with a tile.
PCD_DEVICE void gather_rows(const Problem& p, int64_t first, Entries& to) {
  if (threadIdx.x >= kTile) return;
  const int j = threadIdx.x;
  const int64_t row = first + j < p.rows ? first + j : p.rows - 1, entry = p.row_begin + row;
  const Entries& from = p.entries[entry / kTile];
  const int at = static_cast<int>(entry % kTile);
#pragma unroll
  for (int plane = 0; plane < 2; ++plane) {
#pragma unroll
    for (int w = 0; w < 4; ++w) to.bits[plane][j][w] = from.bits[plane][at][w];
  }
  to.base[j] = from.base[at];
  to.factor[j] = from.factor[at];
  to.group[j] = from.group[at];
  to.size[j] = from.size[at];
}

// z of an entry that takes part, else 0: what is not looked at may hold anything.
PCD_DEVICE float embedding(const Problem& p, bool part, int64_t entry, int64_t d) {
  return part && d < p.depth ? p.z[entry * p.depth + d] : 0.0f;
}

// s of the block's 64 × 64 pairs, in units of z·z'.
PCD_DEVICE void general_similarities(const Problem& p, int64_t row, int64_t column, GeneralTile& tile,
                                     float (&s)[4][4]) {
  const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
  const float none = __int_as_float(0x7f800000);
#pragma unroll
  for (int a = 0; a < 4; ++a) s[a][0] = s[a][1] = s[a][2] = s[a][3] = 0.0f;
  for (int64_t d0 = 0; d0 < p.depth; d0 += kGeneralStep) {
    for (int i = threadIdx.x; i < kTile * kGeneralStep; i += kGeneralThreads) {
      const int r = i / kGeneralStep, d = i % kGeneralStep;
      const int64_t own = row + r < p.rows ? row + r : p.rows - 1;
      tile.left[d][r] = embedding(p, tile.rows.base[r] != none, p.row_begin + own, d0 + d);
      tile.right[d][r] = embedding(p, tile.columns.base[r] != none, column + r, d0 + d);
    }
    __syncthreads();
#pragma unroll
    for (int d = 0; d < kGeneralStep; ++d) {
      float x[4], y[4];
#pragma unroll
      for (int a = 0; a < 4; ++a) {
        x[a] = tile.left[d][ty + 16 * a];
        y[a] = tile.right[d][tx + 16 * a];
      }
#pragma unroll
      for (int a = 0; a < 4; ++a) {
#pragma unroll
        for (int b = 0; b < 4; ++b) s[a][b] = fmaf(x[a], y[b], s[a][b]);
      }
    }
    __syncthreads();
  }
}

PCD_DEVICE int32_t count_common(const Entries& rows, int i, const Entries& columns, int j) {
  int32_t common = 0;
#pragma unroll
  for (int plane = 0; plane < 2; ++plane) {
#pragma unroll
    for (int w = 0; w < 4; ++w) common += __popc(rows.bits[plane][i][w] & columns.bits[plane][j][w]);
  }
  return common;
}

// A column of a tile by itself, as `columns` of one.
template <Kind kKind>
PCD_DEVICE Columns<kKind, true> one_column(const Entries& entries, int j) {
  Columns<kKind, true> column(entries, j & ~1);
  if ((j & 1) != 0) {
    column.base[0] = column.base[1];
    column.group[0] = column.group[1];
    if constexpr (kKind == Kind::jaccard) column.size[0] = column.size[1];
  }
  return column;
}

PCD_DEVICE Row row_of(const Entries& rows, int i) {
  Row own;
  own.group = rows.group[i].x;
  own.size = rows.size[i];
  own.factor = rows.factor[i];
  return own;
}

// The 16 pairs of this thread in a tile of columns, one after the other: use(a, i, j, columns, row, s, common) for
// row i and column j of the block's 64 × 64, a = i / 16; `common` in jaccard's form where that is asked for.
template <Kind kKind, typename Use>
PCD_DEVICE void general_pairs(const Problem& p, int64_t row, int64_t of_tile, GeneralTile& tile, const Use& use) {
  const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
  __syncthreads();
  copy_entries(p.entries[of_tile], tile.columns);
  __syncthreads();
  float s[4][4];
  general_similarities(p, row, of_tile * kTile, tile, s);
#pragma unroll
  for (int b = 0; b < 4; ++b) {
    const int j = tx + 16 * b;
    const Columns<kKind, true> column = one_column<kKind>(tile.columns, j);
#pragma unroll
    for (int a = 0; a < 4; ++a) {
      const int i = ty + 16 * a;
      const int32_t common = count_common(tile.rows, i, tile.columns, j);
      use(a, i, j, column, row_of(tile.rows, i), s[a][b], kKind == Kind::jaccard ? common + kCountBias : common);
    }
  }
}

// As forward_tiles; grid (rows / 64, strips).
template <Kind kKind>
PCD_KERNEL void __launch_bounds__(kGeneralThreads) forward_general(Problem p, int64_t strip_tiles, float4* partial) {
  __shared__ GeneralTile tile;
  const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kTile;
  const int64_t begin = blockIdx.y * strip_tiles;
  const int64_t end = begin + strip_tiles < p.tiles ? begin + strip_tiles : p.tiles;
  gather_rows(p, row, tile.rows);
  Sums sums[4] = {};
  for (int64_t t = begin; t < end; ++t) {
    general_pairs<kKind>(p, row, t, tile, [&](int a, int i, int j, const auto& column, const Row& own, float s,
                                              int32_t common) {
      if (p.row_begin + row + i != t * kTile + j) sums[a].add(column, 0, own, p.scale, s, common);
    });
  }
#pragma unroll
  for (int a = 0; a < 4; ++a) {
    float4 sum = make_float4(sums[a].all, sums[a].positive, sums[a].weight, sums[a].similarity);
#pragma unroll
    for (int offset = 1; offset < 16; offset *= 2) {
      sum.x += __shfl_xor_sync(kFullMask, sum.x, offset);
      sum.y += __shfl_xor_sync(kFullMask, sum.y, offset);
      sum.z += __shfl_xor_sync(kFullMask, sum.z, offset);
      sum.w += __shfl_xor_sync(kFullMask, sum.w, offset);
    }
    const int64_t own = row + ty + 16 * a;
    if (tx == 0 && own < p.rows) partial[blockIdx.y * p.rows + own] = sum;
  }
}

// As backward_tiles, but `partial` [splits][rows][depth] is read and written with every tile of columns.
template <Kind kKind>
PCD_KERNEL void __launch_bounds__(kGeneralThreads) backward_general(Problem p, int64_t split_tiles, float* partial) {
  __shared__ GeneralTile tile;
  __shared__ float pairs[kTile][kTile + 1];
  const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kTile;
  const int64_t begin = blockIdx.y * split_tiles;
  const int64_t end = begin + split_tiles < p.tiles ? begin + split_tiles : p.tiles;
  const float none = __int_as_float(0x7f800000);
  partial += blockIdx.y * p.rows * p.depth;
  gather_rows(p, row, tile.rows);
  for (int64_t t = begin; t < end; ++t) {
    general_pairs<kKind>(p, row, t, tile, [&](int, int i, int j, const auto& column, const Row& own, float s,
                                              int32_t common) {
      const float pair = pair_gradient(column, 0, own, tile.columns.factor[j], p.scale, s, common);
      pairs[i][j] = p.row_begin + row + i == t * kTile + j ? 0.0f : pair;
    });
    __syncthreads();
    for (int64_t d0 = 0; d0 < p.depth; d0 += kGeneralStep) {
      for (int i = threadIdx.x; i < kTile * kGeneralStep; i += kGeneralThreads) {
        const int j = i / kGeneralStep, d = i % kGeneralStep;
        tile.right[d][j] = embedding(p, tile.columns.base[j] != none, t * kTile + j, d0 + d);
      }
      __syncthreads();
      float sum[4][2] = {};
      for (int j = 0; j < kTile; ++j) {
        const float x = tile.right[tx][j], y = tile.right[tx + 16][j];
#pragma unroll
        for (int a = 0; a < 4; ++a) {
          sum[a][0] = fmaf(pairs[ty + 16 * a][j], x, sum[a][0]);
          sum[a][1] = fmaf(pairs[ty + 16 * a][j], y, sum[a][1]);
        }
      }
#pragma unroll
      for (int a = 0; a < 4; ++a) {
#pragma unroll
        for (int c = 0; c < 2; ++c) {
          const int64_t own = row + ty + 16 * a, d = d0 + tx + 16 * c;
          if (own >= p.rows || d >= p.depth) continue;
          float* place = partial + own * p.depth + d;
          *place = t == begin ? sum[a][c] : *place + sum[a][c];
        }
      }
      __syncthreads();
    }
  }
}

}  // namespace pcd::kernels::supcon

#endif
