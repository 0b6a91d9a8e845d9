// SPDX-License-Identifier: Apache-2.0
//
// The last step of a block's backward pass on tensor cores: dx[r] = dy[r] + Σ_tap du[r - (tap - 1)·d]·W_tap. Reads du
// and dy once, writes dx, which may be dy's memory: a lane reads what it overwrites, and nobody else does.
#ifndef PCD_KERNELS_DILATED_STACK_INPUT_GRADIENT_CUH
#define PCD_KERNELS_DILATED_STACK_INPUT_GRADIENT_CUH

#include "dilated_stack/tile.cuh"

namespace pcd::kernels::stack {

PCD_BOTH int input_gradient_shared_bytes(int c, bool wgmma, int groups, int ring, int step) {
  return slab_memory(c, wgmma, ring, kTaps) + 2 * c + groups * tile_bytes(c, step);
}

struct InputGradientArguments {
  const bf16* du;
  const char* packed;  // the exchanged taps of this block
  const bf16* dy;
  bf16* dx;
  Rows shape;
};

template <int C, int kGroups, bool kWgmma, int kRing>
PCD_KERNEL void __launch_bounds__(kGroups* kWarpgroup, C == 64 ? 2 : 1)
    input_gradient(InputGradientArguments arguments) {
  if constexpr (kWgmma ? !kHaveWgmma : !kHaveMma) {
    __trap();
  } else {
    using SlabsOf = Slabs<C, kWgmma, kRing, kTaps, kGroups * kWarpgroup>;
    constexpr int kBlock = kGroups * kWarpgroup;
    constexpr bool kEarly = C <= 128;  // registers allow to fetch dy before the products
    PCD_DYNAMIC_SHARED(char, memory, 1024);
    const Place place;
    const int group = threadIdx.x / kWarpgroup;
    const Rows shape = arguments.shape;
    const int step = step_of(shape.dilation);
    constexpr int kSlabMemory = slab_memory(C, kWgmma, kRing, kTaps);
    const uint32_t zeros = shared_address(memory) + kSlabMemory;
    const uint32_t tile = zeros + 2 * C + group * tile_bytes(C, step);
    const uint32_t tiles = (shape.rows + kGroupRows - 1) / kGroupRows, stride = gridDim.x * kGroups;

    clear_row<C>(memory + kSlabMemory, kBlock);
    uint32_t first = blockIdx.x * kGroups;
    copy_tile<C>(arguments.du, shape, (first + group) * kGroupRows, step, tile, place.thread);
    const int rounds = static_cast<int>((tiles - first + stride - 1) / stride);
    auto weights = SlabsOf::open(arguments.packed, memory, rounds);

    for (; first < tiles; first += stride) {
      const uint32_t row0 = (first + group) * kGroupRows;
      if (kRing == 0 && row0 >= shape.rows) break;
      const uint32_t row = row0 + place.row();
      const bool inside[2] = {row < shape.rows, row + 8 < shape.rows};
      uint4 residual[2][C / 32];
      const auto fetch = [&] {  // all of it at once: stores to dx, which may be dy, are not overtaken
#pragma unroll
        for (int h = 0; h < 2; ++h) {
#pragma unroll
          for (int j4 = 0; j4 < C / 32; ++j4) {
            residual[h][j4] = fetch_quad(arguments.dy + static_cast<int64_t>(row) * C + 8 * h * C, j4, place.quad,
                                         inside[h]);
          }
        }
      };
      if constexpr (kEarly) fetch();
      float acc[C / 2];
#pragma unroll
      for (int i = 0; i < C / 2; ++i) acc[i] = 0.0f;
      convolve<C, kWgmma>(acc, weights, TileRow<C>(shape, row0, step, tile, zeros, place), -1, place.lane);

      if constexpr (!kEarly) fetch();
      barrier(1 + group, kWarpgroup);
      const uint32_t next = (first + stride + group) * kGroupRows;
      if (first + stride < tiles) copy_tile<C>(arguments.du, shape, next, step, tile, place.thread);
      copy_async_commit();
#pragma unroll
      for (int h = 0; h < 2; ++h) {
#pragma unroll
        for (int j4 = 0; j4 < C / 32; ++j4) {
          const uint4 r = residual[h][j4];
          uint32_t v[4] = {r.x, r.y, r.z, r.w};
          transpose_quad(v, place.quad);
#pragma unroll
          for (int j = 0; j < 4; ++j) {
            const float* d = &acc[4 * (4 * j4 + j) + 2 * h];
            v[j] = pack_bf16(d[0] + low_bf16(v[j]), d[1] + high_bf16(v[j]));
          }
          store_quad(arguments.dx + static_cast<int64_t>(row) * C + 8 * h * C, j4, v, place.quad, inside[h]);
        }
      }
      copy_async_wait<0>();
      if constexpr (!SlabsOf::kLockstep) barrier(1 + group, kWarpgroup);
    }
    copy_async_wait<0>();
  }
}

}  // namespace pcd::kernels::stack

#endif
