// SPDX-License-Identifier: Apache-2.0
//
// The gradients of a block's matrices on tensor cores: of tap k Σ_r du[r]ᵀ·x[r + (k - 1)·d], of the pointwise layer
// Σ_r dy[r]ᵀ·g[r]. A thread block sums a piece of rows, kept whole in registers, and writes it; parameters.cuh adds the
// pieces in order. mma.sync: both operands are read across their rows, by ldmatrix with transposition.
//
// C = 64: four warpgroups, one a matrix, each all of it. C = 128, 256: a thread block takes 128 × 128 elements,
// either of the three taps (three warpgroups, one a tap, over the same rows of du and x) or of the pointwise matrix
// (the three take every third 16 rows, and each writes a piece of its own).
#ifndef PCD_KERNELS_DILATED_STACK_WEIGHT_GRADIENT_CUH
#define PCD_KERNELS_DILATED_STACK_WEIGHT_GRADIENT_CUH

#include "dilated_stack/tile.cuh"

namespace pcd::kernels::stack {

PCD_BOTH int gradient_tile(int c) { return c == 64 ? 64 : 128; }
PCD_BOTH int gradient_groups(int c) { return c == 64 ? 4 : 3; }
// A stage of `depth` rows, a multiple of 48: du, x and, at C = 64, dy and g.
PCD_BOTH int gradient_stage_bytes(int c, int depth, int step) {
  return ((c == 64 ? 4 : 2) * depth + 2 * step) * gradient_tile(c) * 2;
}
PCD_BOTH int gradient_shared_bytes(int c, int depth, int stages, int dilation) {
  return stages * gradient_stage_bytes(c, depth, dilation < depth ? dilation : depth) + 2 * gradient_tile(c);
}

struct WeightGradientArguments {
  const bf16 *x, *du, *dy, *hidden;
  float* partial;  // [pieces][4][C][C]
  Rows shape;
  int conv_pieces, pointwise_pieces;  // blocks of each kind for one tile of elements
};

template <int C, int kDepth, int kStages>
PCD_KERNEL void __launch_bounds__(gradient_groups(C) * kWarpgroup, 1)
    weight_gradient(WeightGradientArguments arguments) {
  if constexpr (!kHaveMma) {
    __trap();
    return;
  }
  constexpr int kSide = gradient_tile(C), kGroups = gradient_groups(C), kBlock = kGroups * kWarpgroup;
  constexpr int kTiles = C / kSide, kRowBytes = 2 * kSide;
  constexpr int kHalf = kSide / 2, kM = kHalf / 16, kN = kHalf / 16;  // of a warp: one quadrant of the tile
  PCD_DYNAMIC_SHARED(char, memory, 1024);
  const uint32_t base = shared_address(memory);
  const Rows shape = arguments.shape;
  const int dilation = static_cast<int>(shape.dilation);
  const int step = min(dilation, kDepth);
  const int lane = threadIdx.x % kWarp, group = threadIdx.x / kWarpgroup, warp = threadIdx.x / kWarp % 4;

  // The block's kind, tile of elements and piece of rows.
  const int conv_blocks = arguments.conv_pieces * kTiles * kTiles;
  const bool pointwise_block = C != 64 && static_cast<int>(blockIdx.x) >= conv_blocks;
  const int own = pointwise_block ? blockIdx.x - conv_blocks : blockIdx.x;
  const int pieces = pointwise_block ? arguments.pointwise_pieces : arguments.conv_pieces;
  const int element_tile = own % (kTiles * kTiles), piece = own / (kTiles * kTiles);
  const int o0 = element_tile / kTiles * kSide, i0 = element_tile % kTiles * kSide;
  const int begin = static_cast<int>(static_cast<int64_t>(shape.rows) * piece / pieces);
  const int end = static_cast<int>(static_cast<int64_t>(shape.rows) * (piece + 1) / pieces);
  const int length = static_cast<int>(shape.length), rows = static_cast<int>(shape.rows);

  const int stage_bytes = gradient_stage_bytes(C, kDepth, step);
  const uint32_t zeros = base + kStages * stage_bytes;
  for (int i = threadIdx.x; i < kSide / 2; i += kBlock) {
    reinterpret_cast<uint32_t*>(memory + kStages * stage_bytes)[i] = 0;
  }

  // A stage: the left rows, the right rows with those around them and, at C = 64, dy and g.
  const bf16* left_source = (pointwise_block ? arguments.dy : arguments.du) + o0;
  const bf16* right_source = (pointwise_block ? arguments.hidden : arguments.x) + i0;
  const int halo = pointwise_block ? 0 : step;
  constexpr int kChunks = kSide / 8, kRowsAtOnce = kBlock / kChunks;
  const int chunk = threadIdx.x % kChunks, first_row = threadIdx.x / kChunks;
  const auto place_of = [&](uint32_t start, int row) {
    return start + row * kRowBytes + ((chunk ^ (row & 7)) * kChunk);
  };
  // Rows beyond the piece are zeros in the left operand.
  const auto copy_rows = [&](const bf16* source, int r0, uint32_t start) {
#pragma unroll(C == 64 ? 2 : 1)
    for (int row = first_row; row < kDepth; row += kRowsAtOnce) {
      const bool inside = r0 + row < end;
      copy_async(place_of(start, row), source + static_cast<int64_t>(inside ? r0 + row : begin) * C + chunk * 8,
                 inside ? kChunk : 0);
    }
  };
  const auto copy_stage = [&](int r0, int stage) {
    const uint32_t left = base + stage * stage_bytes, right = left + kDepth * kRowBytes;
    copy_rows(left_source, r0, left);
#pragma unroll 1
    for (int row = first_row; row < kDepth + 2 * halo; row += kRowsAtOnce) {
      const int64_t from = dilation <= kDepth || halo == 0
                               ? r0 + row - halo
                               : r0 + row % kDepth + static_cast<int64_t>(row / kDepth - 1) * dilation;
      if (from >= 0 && from < rows) copy_async(place_of(right, row), right_source + from * C + chunk * 8);
    }
    if constexpr (C == 64) {
      const uint32_t more = right + (kDepth + 2 * step) * kRowBytes;
      copy_rows(arguments.dy, r0, more);
      copy_rows(arguments.hidden, r0, more + kDepth * kRowBytes);
    }
  };

  const bool pointwise = C == 64 ? group == 3 : pointwise_block;  // this warp's matrix
  const int matrix = pointwise ? kTaps : group;
  const int side = pointwise ? 0 : matrix - 1;  // the right operand's row is side·dilation further
  const int first_k = pointwise_block ? group : 0, stride_k = pointwise_block ? kGroups : 1;
  const int row_half = warp / 2 * kHalf, column_half = warp % 2 * kHalf;
  // Rows of the left operand that this lane points to, k16 step 0: 8·(lane / 16) + lane mod 8; columns + 8·(lane / 8
  // mod 2). Of the right operand: rows 8·(lane / 8 mod 2) + lane mod 8, columns + 8·(lane / 16).
  const int left_row = (lane >> 4) * 8 + (lane & 7), left_chunk = row_half / 8 + ((lane >> 3) & 1);
  const int right_row = ((lane >> 3) & 1) * 8 + (lane & 7), right_chunk = column_half / 8 + (lane >> 4);

  float acc[kM][2 * kN][4] = {};
#pragma unroll
  for (int i = 0; i < kStages - 1; ++i) {
    if (end - begin > i * kDepth) copy_stage(begin + i * kDepth, i);
    copy_async_commit();
  }
  int stage = 0;
  for (int r0 = begin; r0 < end; r0 += kDepth, stage = stage + 1 == kStages ? 0 : stage + 1) {
    copy_async_wait<kStages - 2>();
    __syncthreads();  // this stage is there for all, and the one before it is read by nobody any more
    if (end - r0 > (kStages - 1) * kDepth) {
      copy_stage(r0 + (kStages - 1) * kDepth, stage == 0 ? kStages - 1 : stage - 1);
    }
    copy_async_commit();
    uint32_t left = base + stage * stage_bytes, right = left + kDepth * kRowBytes;
    int offset = 0;  // of the tap in the rows of the right operand
    if (C == 64 && pointwise) {
      left = right + (kDepth + 2 * step) * kRowBytes;
      right = left + kDepth * kRowBytes;
    } else if (!pointwise) {
      offset = matrix * step;
    }
    const int t0 = r0 % length;
#pragma unroll 1
    for (int k = first_k; k < kDepth / 16; k += stride_k) {
      const int row = k * 16 + right_row;
      int t = t0 + row;
      if (t >= length) t %= length;
      const bool exists = side == 0 || (side < 0 ? t >= dilation : t < length - dilation);
      const bool inside = exists && r0 + row < end;
      const int s = row + offset;
      const uint32_t b_row = inside ? right + s * kRowBytes : zeros;  // at a multiple of 128, as in LaneRow
      const uint32_t b_first = b_row + ((right_chunk ^ (inside ? s & 7 : 0)) * kChunk);
      uint32_t b[kN][4];
#pragma unroll
      for (int n = 0; n < kN; ++n) {
        load_matrices_transposed(b_first ^ (n * (2 * kChunk)), b[n]);
      }
      const int a_row = k * 16 + left_row;
      const uint32_t a_first = left + a_row * kRowBytes + ((left_chunk ^ (a_row & 7)) * kChunk);
#pragma unroll
      for (int m = 0; m < kM; ++m) {
        uint32_t a[4];
        load_matrices_transposed(a_first ^ (m * (2 * kChunk)), a);
#pragma unroll
        for (int n = 0; n < kN; ++n) {
          mma_bf16(acc[m][2 * n], a, b[n][0], b[n][1]);
          mma_bf16(acc[m][2 * n + 1], a, b[n][2], b[n][3]);
        }
      }
    }
  }
  copy_async_wait<0>();

  const int64_t slot = pointwise_block ? static_cast<int64_t>(piece) * kGroups + group : piece;
  float* out = arguments.partial + (slot * kMatrices + matrix) * C * C;
#pragma unroll
  for (int m = 0; m < kM; ++m) {
#pragma unroll
    for (int n = 0; n < 2 * kN; ++n) {
      const int o = o0 + row_half + 16 * m + lane / 4, i = i0 + column_half + 8 * n + 2 * (lane % 4);
      *reinterpret_cast<float2*>(out + o * C + i) = make_float2(acc[m][n][0], acc[m][n][1]);
      *reinterpret_cast<float2*>(out + (o + 8) * C + i) = make_float2(acc[m][n][2], acc[m][n][3]);
    }
  }
}

}  // namespace pcd::kernels::stack

#endif
