// SPDX-License-Identifier: Apache-2.0
//
// What every kernel uses: types, and sums over a warp and a block.
#ifndef PCD_KERNELS_COMMON_DEVICE_CUH
#define PCD_KERNELS_COMMON_DEVICE_CUH

#include <cstdint>

#include "common/runtime.cuh"

namespace pcd::kernels {

using bf16 = __nv_bfloat16;

constexpr int kWarp = 32;
constexpr unsigned kFullMask = 0xffffffffu;

// Storage <-> arithmetic. All arithmetic is fp32.
PCD_DEVICE float to_float(float x) { return x; }
PCD_DEVICE float to_float(bf16 x) { return __bfloat162float(x); }
template <typename T>
PCD_DEVICE T from_float(float x);
template <>
PCD_DEVICE float from_float<float>(float x) {
  return x;
}
template <>
PCD_DEVICE bf16 from_float<bf16>(float x) {
  return __float2bfloat16_rn(x);
}

// Sum over a warp in a fixed order; every lane has the result.
template <typename T>
PCD_DEVICE T warp_sum(T x) {
#pragma unroll
  for (int offset = kWarp / 2; offset > 0; offset /= 2) x += __shfl_xor_sync(kFullMask, x, offset);
  return x;
}

// Sum over a block in a fixed order; every thread has the result. `shared` holds 32 values and may be reused after the
// next barrier.
template <typename T>
PCD_DEVICE T block_sum(T x, T* shared) {
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, warps = (blockDim.x + kWarp - 1) / kWarp;
  x = warp_sum(x);
  __syncthreads();
  if (lane == 0) shared[warp] = x;
  __syncthreads();
  return warp_sum(lane < warps ? shared[lane] : T{});
}

}  // namespace pcd::kernels

#endif
