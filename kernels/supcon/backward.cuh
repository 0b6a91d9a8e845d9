// SPDX-License-Identifier: Apache-2.0
//
// supcon, backward on the tensor cores: dz_i = Σ_j g_ij z_j with g_ij = G_ij + G_ji from the statistics of all rows. A
// block holds its rows' gradient in registers and walks over the columns: similarities, pair gradients, and these, as
// halves still in registers, times the same tile of z.
//
// The tensor cores truncate their sums. So they run over kFlush tiles only; longer sums go on in `partial` in fp32.
#ifndef PCD_KERNELS_SUPCON_BACKWARD_CUH
#define PCD_KERNELS_SUPCON_BACKWARD_CUH

#include "supcon/pairs.cuh"
#include "supcon/tiles.cuh"

namespace pcd::kernels::supcon {

template <bool kSplit>
struct BackwardShape {
  static constexpr int kWarps = kSplit ? 8 : 12;
  static constexpr int kThreads = kWarps * kWarp;
  static constexpr int kRows = kWarps * 16;
  static constexpr int kStages = kSplit ? 2 : 3;  // as in forward
  static constexpr int kFlush = kSplit ? 16 : 64;
  static constexpr int kSharedBytes = kStages * kStageBytes<kSplit>;
};

// Adds a warp's 16 × kDepth sums to `partial` (writes them when `fresh`) and clears them. Rows past the end are left.
PCD_DEVICE void flush_gradient(float (&gradient)[2][32], int64_t warp_row, int64_t rows, bool fresh,
                               float* partial) {
  const int lane = threadIdx.x % kWarp, g = lane / 4, t = lane % 4;
#pragma unroll
  for (int n = 0; n < kDepth / 8; ++n) {
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float* sum = gradient[n / 8] + n % 8 * 4 + 2 * h;
      const int64_t row = warp_row + h * 8 + g;
      if (row < rows) {
        float2* place = reinterpret_cast<float2*>(partial + row * kDepth + n * 8 + 2 * t);
        float2 value = make_float2(sum[0], sum[1]);
        if (!fresh) {
          const float2 before = *place;
          value.x += before.x;
          value.y += before.y;
        }
        *place = value;
      }
      sum[0] = sum[1] = 0.0f;
    }
  }
}

// Pair gradients of a lane's two rows with its two of the eight columns from `column` of a tile, places as those of the
// similarities s; as halves, high + low: the two columns of row g, then of row g + 8.
template <Kind kKind, bool kGeneral, bool kSplit>
PCD_DEVICE void pair_gradients(const Entries& entries, int column, const uint32_t (&bits)[2][2], bool wide,
                               const Row (&rows)[2], float scale, const float* s, uint32_t* high, uint32_t* low) {
  const int own = column + 2 * (threadIdx.x % 4);
  const Columns<kKind, kGeneral> columns(entries, own);
  const float4 factors = *reinterpret_cast<const float4*>(&entries.factor[own]);
  const float2 factor[2] = {make_float2(factors.x, factors.y), make_float2(factors.z, factors.w)};
  int32_t common[4];
  common_bits<kGeneral>(bits, entries, column, wide, kKind == Kind::jaccard ? kCountBias : 0, common);
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const float first = pair_gradient(columns, 0, rows[h], factor[0], scale, s[2 * h], common[2 * h]);
    const float second = pair_gradient(columns, 1, rows[h], factor[1], scale, s[2 * h + 1], common[2 * h + 1]);
    high[h] = pack_half(first, second);
    if constexpr (kSplit) {
      const float2 rounded = unpack_half(high[h]);
      low[h] = pack_half(first - rounded.x, second - rounded.y);
    }
  }
}

// Clears the gradient of a row with itself, where the eight columns from `column` hold it. `place`: of the warp's first
// row in the tile.
template <bool kSplit>
PCD_DEVICE void clear_own(int column, int place, uint32_t* high, uint32_t* low) {
  const int lane = threadIdx.x % kWarp;
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const int distance = place + 8 * h + lane / 4 - (column + 2 * (lane % 4));
    const uint32_t keep = distance == 0 ? 0xffff0000u : distance == 1 ? 0x0000ffffu : 0xffffffffu;
    high[h] &= keep;
    if constexpr (kSplit) low[h] &= keep;
  }
}

// partial [splits][rows][kDepth]; grid (rows / kRows, splits).
template <Kind kKind, bool kGeneral, bool kSplit>
PCD_KERNEL void __launch_bounds__(BackwardShape<kSplit>::kThreads, 1)
    backward_tiles(Problem p, int64_t split_tiles, float* partial) {
  if constexpr (kHaveMma) {
    using Shape = BackwardShape<kSplit>;
    PCD_DYNAMIC_SHARED(unsigned char, stages, 128);
    const uint32_t shared = shared_address(stages);
    const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, g = lane / 4;
    const int64_t warp_row = static_cast<int64_t>(blockIdx.x) * Shape::kRows + warp * 16;
    const int64_t begin = blockIdx.y * split_tiles;
    const int64_t end = begin + split_tiles < p.tiles ? begin + split_tiles : p.tiles;
    partial += blockIdx.y * p.rows * kDepth;

    RowFragment<kSplit> fragment[1];
    Row rows[2];
    int64_t index[2];
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int64_t row = warp_row + h * 8 + g;
      index[h] = p.row_begin + (row < p.rows ? row : p.rows - 1);
      rows[h].load(p, index[h]);
    }
    fragment[0].load(p, index);
    const int32_t own_row = static_cast<int32_t>(p.row_begin + warp_row);
    const bool wide = p.words > 2;
    float gradient[2][32] = {};

#pragma unroll
    for (int stage = 0; stage < Shape::kStages - 1; ++stage) {
      if (begin + stage < end) {
        load_tile<kSplit, Shape::kThreads>(p, begin + stage, shared + stage * kStageBytes<kSplit>);
      }
      copy_async_commit();
    }
    int stage = 0, next = Shape::kStages - 1, until_flush = Shape::kFlush;
    bool fresh = true;
    for (int64_t tile = begin; tile < end; ++tile) {
      copy_async_wait<Shape::kStages - 2>();
      __syncthreads();
      if (tile + Shape::kStages - 1 < end) {
        load_tile<kSplit, Shape::kThreads>(p, tile + Shape::kStages - 1, shared + next * kStageBytes<kSplit>);
      }
      copy_async_commit();
      const uint32_t image = shared + stage * kStageBytes<kSplit>;
      const Entries& entries =
          *reinterpret_cast<const Entries*>(stages + stage * kStageBytes<kSplit> + kParts<kSplit> * kImage);
      const int place = place_in_tile(own_row, static_cast<int32_t>(tile));
#pragma unroll 1
      for (int part = 0; part < kTile; part += 16) {
        float s[1][2][4];
        similarities<kSplit, 1, 1>(fragment, image + lane_offset_columns() + part * 128, s);
        // Pair gradients: the two n8 results are the left and right half of a 16×16 operand.
        uint32_t high[4], low[4];
#pragma unroll
        for (int n = 0; n < 2; ++n) {
          pair_gradients<kKind, kGeneral, kSplit>(entries, part + n * 8, fragment[0].bits, wide, rows, p.scale, s[0][n],
                                                  high + 2 * n, low + 2 * n);
          if (place != kNoTile) clear_own<kSplit>(part + n * 8, place, high + 2 * n, low + 2 * n);
        }
        const uint32_t depth = image + lane_offset_depth() + part * 128;
#pragma unroll
        for (int k = 0; k < kSteps; ++k) {
          uint32_t b[4];
          if constexpr (kSplit) {
            load_matrices_transposed(at_step(depth, k) + kImage, b);
            mma_f16(gradient[k / 4] + k % 4 * 8, high, b[0], b[1]);
            mma_f16(gradient[k / 4] + k % 4 * 8 + 4, high, b[2], b[3]);
          }
          load_matrices_transposed(at_step(depth, k), b);
          if constexpr (kSplit) {
            mma_f16(gradient[k / 4] + k % 4 * 8, low, b[0], b[1]);
            mma_f16(gradient[k / 4] + k % 4 * 8 + 4, low, b[2], b[3]);
          }
          mma_f16(gradient[k / 4] + k % 4 * 8, high, b[0], b[1]);
          mma_f16(gradient[k / 4] + k % 4 * 8 + 4, high, b[2], b[3]);
        }
      }
      if (--until_flush == 0) {
        flush_gradient(gradient, warp_row, p.rows, fresh, partial);
        until_flush = Shape::kFlush;
        fresh = false;
      }
      stage = stage + 1 == Shape::kStages ? 0 : stage + 1;
      next = next + 1 == Shape::kStages ? 0 : next + 1;
    }
    flush_gradient(gradient, warp_row, p.rows, fresh, partial);
  } else {
    __trap();
  }
}

// How the line of row blocks × tiles is cut into runs.
struct Runs {
  int64_t tiles, total, runs;

  PCD_DEVICE Runs(const Problem& p, int64_t block_rows, int64_t count)
      : tiles(p.tiles), total((p.rows + block_rows - 1) / block_rows * p.tiles), runs(count) {}

  // Where a run begins, and the run that holds a place.
  PCD_DEVICE int64_t first(int64_t run) const { return run * total / runs; }
  PCD_DEVICE int64_t holder(int64_t place) const { return ((place + 1) * runs - 1) / total; }
};

// Adds up the parts of each row's gradient in order and scales: dz = weight/(τ·A) · Σ. A warp a row. The parts are
// [splits][rows][width], or, where `runs` is not 0, as backward_hopper leaves them with blocks of block_rows rows.
// `anchors` [tiles] holds the tiles' counts; `scale` undoes what the sums carry, 1/τ included.
constexpr int kCombineThreads = 256;
PCD_KERNEL void __launch_bounds__(kCombineThreads)
    combine(Problem p, int64_t splits, int64_t runs, int64_t block_rows, int64_t width, const float* partial,
            const int32_t* anchors, double scale, pcd_step_state* state, float* z_grad) {
  __shared__ int32_t shared[32];
  int32_t count = 0;
  for (int64_t tile = threadIdx.x; tile < p.tiles; tile += kCombineThreads) count += anchors[tile];
  count = block_sum(count, shared);
  double weight = 1.0;
  if (state != nullptr) {
    weight = static_cast<double>(state->weight_contrastive);
    if (blockIdx.x == 0 && threadIdx.x == 0) state->anchors = count;
  }
  const float factor = count == 0 ? 0.0f : static_cast<float>(weight * scale / static_cast<double>(count));
  constexpr int kWarps = kCombineThreads / kWarp;
  for (int64_t row = static_cast<int64_t>(blockIdx.x) * kWarps + threadIdx.x / kWarp; row < p.rows;
       row += static_cast<int64_t>(gridDim.x) * kWarps) {
    const int64_t entry = p.row_begin + row;
    const bool part = p.entries[entry / kTile].base[entry % kTile] != __int_as_float(0x7f800000);
    int64_t first = row * width, step = p.rows * width, parts = splits;
    if (runs != 0) {
      const Runs work(p, block_rows, runs);
      const int64_t block = row / block_rows, run = work.holder(block * p.tiles);
      first = ((run + block) * block_rows + row % block_rows) * width;
      step = block_rows * width;
      parts = work.holder((block + 1) * p.tiles - 1) - run + 1;
    }
    for (int64_t d = threadIdx.x % kWarp; d < p.depth; d += kWarp) {
      float sum = 0.0f;
      for (int64_t i = 0; i < parts; ++i) sum += partial[first + i * step + d];
      z_grad[row * p.depth + d] = part ? factor * sum : 0.0f;
    }
  }
}

}  // namespace pcd::kernels::supcon

#endif
