// SPDX-License-Identifier: Apache-2.0
//
// One block of dilated_stack forward on tensor cores, in one pass: dilated convolution, layer norm, GELU, pointwise
// layer, residual. Rows are read once (and 2·step more for each 64, mostly from the L2) and written once; for
// training also the normalised rows x̂ and their reciprocal deviations. See tile.cuh for the division of work.
#ifndef PCD_KERNELS_DILATED_STACK_FORWARD_CUH
#define PCD_KERNELS_DILATED_STACK_FORWARD_CUH

#include "common/layer_norm.cuh"
#include "dilated_stack/tile.cuh"

namespace pcd::kernels::stack {

// Vectors in shared memory: all, or at C = 256 the pointwise layer's bias, which is read where registers are shortest.
PCD_BOTH int forward_vectors(int c) { return c == 256 ? 1 : kVectors; }

PCD_BOTH int forward_shared_bytes(int c, bool wgmma, int groups, int ring, int step) {
  return slab_memory(c, wgmma, ring, kMatrices) + forward_vectors(c) * vector_bytes(c) + 2 * c +
         groups * tile_bytes(c, step);
}

// 0.5·v·(1 + tanh(sqrt(2/π)·(v + 0.044715·v³))) by the hardware's tanh.
PCD_DEVICE float gelu_approximate(float v) {
  const float u = v * fmaf(v * v, 0.0356774081f, 0.7978845608f), half = 0.5f * v;
  return fmaf(half, tanh_approximate(u), half);
}

struct ForwardArguments {
  const bf16* x;
  const char* packed;  // of this block
  const float* parameters;
  bf16* y;
  bf16* normal;      // x̂ [rows, C]
  float* deviation;  // 1/σ [rows]
  Rows shape;
};

// kRing 0: all weights lie in shared memory; else they stream through a ring of as many slabs.
template <int C, int kGroups, bool kWgmma, int kRing, bool kSave>
PCD_KERNEL void __launch_bounds__(kGroups* kWarpgroup, C == 64 ? 2 : 1) block_forward(ForwardArguments arguments) {
  if constexpr (kWgmma ? !kHaveWgmma : !kHaveMma) {
    __trap();
  } else {
    using SlabsOf = Slabs<C, kWgmma, kRing, kMatrices, kGroups * kWarpgroup>;
    constexpr int kBlock = kGroups * kWarpgroup;
    PCD_DYNAMIC_SHARED(char, memory, 1024);
    const Place place;
    const int group = threadIdx.x / kWarpgroup;
    const Rows shape = arguments.shape;
    const int step = step_of(shape.dilation);
    constexpr int kSlabMemory = slab_memory(C, kWgmma, kRing, kMatrices);
    constexpr int kVectorMemory = forward_vectors(C) * vector_bytes(C);
    const uint32_t zeros = shared_address(memory) + kSlabMemory + kVectorMemory;
    const uint32_t tile = zeros + 2 * C + group * tile_bytes(C, step);
    const uint32_t tiles = (shape.rows + kGroupRows - 1) / kGroupRows, stride = gridDim.x * kGroups;

    const Parameters<const float> p(arguments.parameters, C);
    float* vectors = reinterpret_cast<float*>(memory + kSlabMemory);
    const Vector<C, true> bias(p.bias, vectors, kBlock);
    const Vector<C> conv_bias(p.conv_bias, vectors + C, kBlock), gains(p.gain, vectors + 2 * C, kBlock),
        shifts(p.shift, vectors + 3 * C, kBlock);
    clear_row<C>(memory + kSlabMemory + kVectorMemory, kBlock);
    uint32_t first = blockIdx.x * kGroups;
    copy_tile<C>(arguments.x, shape, (first + group) * kGroupRows, step, tile, place.thread);
    const int rounds = static_cast<int>((tiles - first + stride - 1) / stride);
    auto weights = SlabsOf::open(arguments.packed, memory, rounds);

    for (; first < tiles; first += stride) {
      const uint32_t row0 = (first + group) * kGroupRows;
      if (kRing == 0 && row0 >= shape.rows) break;
      float acc[C / 2];
#pragma unroll
      for (int j = 0; j < C / 8; ++j) {
        const float2 b = conv_bias.pair(j, place.quad);
        acc[4 * j] = acc[4 * j + 2] = b.x;
        acc[4 * j + 1] = acc[4 * j + 3] = b.y;
      }
      const TileRow<C> rows(shape, row0, step, tile, zeros, place);
      convolve<C, kWgmma>(acc, weights, rows, 1, place.lane);

      // Row statistics: each lane holds a quarter of two rows.
      float mean[2] = {}, square[2] = {};
#pragma unroll
      for (int j = 0; j < C / 8; ++j) {
        mean[0] += acc[4 * j] + acc[4 * j + 1];
        mean[1] += acc[4 * j + 2] + acc[4 * j + 3];
      }
#pragma unroll
      for (int h = 0; h < 2; ++h) mean[h] = quad_sum(mean[h]) * (1.0f / C);
#pragma unroll
      for (int j = 0; j < C / 8; ++j) {
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const float d = acc[4 * j + e] - mean[e / 2];
          square[e / 2] = fmaf(d, d, square[e / 2]);
        }
      }
      float reciprocal[2], centre[2];
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        reciprocal[h] = rsqrtf(quad_sum(square[h]) * (1.0f / C) + kVarianceFloor);
        centre[h] = -mean[h] * reciprocal[h];
      }

      const uint32_t row = row0 + place.row();
      const bool inside[2] = {row < shape.rows, row + 8 < shape.rows};
      uint32_t hidden[C / 16][4];  // GELU(LN(u)) as left operand
#pragma unroll
      for (int j4 = 0; j4 < C / 32; ++j4) {
        keep_order();
        uint32_t normal[2][4];
#pragma unroll
        for (int j = 4 * j4; j < 4 * j4 + 4; ++j) {
          if constexpr (C == 256) keep_order();
          const float2 gain = gains.pair(j, place.quad), shift = shifts.pair(j, place.quad);
          float n[4];
#pragma unroll
          for (int e = 0; e < 4; ++e) n[e] = fmaf(acc[4 * j + e], reciprocal[e / 2], centre[e / 2]);
          if constexpr (kSave) {
            normal[0][j % 4] = pack_bf16(n[0], n[1]);
            normal[1][j % 4] = pack_bf16(n[2], n[3]);
          }
#pragma unroll
          for (int h = 0; h < 2; ++h) {
            hidden[j / 2][2 * (j % 2) + h] = pack_bf16(gelu_approximate(fmaf(gain.x, n[2 * h], shift.x)),
                                                       gelu_approximate(fmaf(gain.y, n[2 * h + 1], shift.y)));
          }
        }
        if constexpr (kSave) {
#pragma unroll
          for (int h = 0; h < 2; ++h) {
            store_quad(arguments.normal + static_cast<int64_t>(row) * C + 8 * h * C, j4, normal[h], place.quad,
                       inside[h]);
          }
        }
      }
      if constexpr (kSave) {
        if (place.quad == 0) {
          if (inside[0]) arguments.deviation[row] = reciprocal[0];
          if (inside[1]) arguments.deviation[row + 8] = reciprocal[1];
        }
      }

      // The product starts from the residual and the bias; then the tile is free for the next rows.
      const LaneRow own = rows.at(0);
#pragma unroll
      for (int k = 0; k < C / 16; ++k) {
        uint32_t a[4];
        load_matrices(own(k), a);
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int j = 2 * k + half;
          const float2 b = bias.pair(j, place.quad);
          acc[4 * j] = low_bf16(a[2 * half]) + b.x;
          acc[4 * j + 1] = high_bf16(a[2 * half]) + b.y;
          acc[4 * j + 2] = low_bf16(a[2 * half + 1]) + b.x;
          acc[4 * j + 3] = high_bf16(a[2 * half + 1]) + b.y;
        }
      }
      barrier(1 + group, kWarpgroup);
      const uint32_t next = (first + stride + group) * kGroupRows;
      if (first + stride < tiles) copy_tile<C>(arguments.x, shape, next, step, tile, place.thread);
      if constexpr (!SlabsOf::kLockstep) copy_async_commit();
      multiply<C, kWgmma>(acc, hidden, weights, kTaps * slabs(C), place.lane);

#pragma unroll
      for (int j4 = 0; j4 < C / 32; ++j4) {
        keep_order();
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          uint32_t v[4];
#pragma unroll
          for (int j = 0; j < 4; ++j) {
            v[j] = pack_bf16(acc[4 * (4 * j4 + j) + 2 * h], acc[4 * (4 * j4 + j) + 2 * h + 1]);
          }
          store_quad(arguments.y + static_cast<int64_t>(row) * C + 8 * h * C, j4, v, place.quad, inside[h]);
        }
      }
      if constexpr (!SlabsOf::kLockstep) {
        copy_async_wait<0>();
        barrier(1 + group, kWarpgroup);
      }
    }
    copy_async_wait<0>();
  }
}

}  // namespace pcd::kernels::stack

#endif
