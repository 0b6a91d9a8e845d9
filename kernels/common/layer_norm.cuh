// SPDX-License-Identifier: Apache-2.0
//
// What every layer norm over the C channels of a row begins with.
#ifndef PCD_KERNELS_COMMON_LAYER_NORM_CUH
#define PCD_KERNELS_COMMON_LAYER_NORM_CUH

#include "common/device.cuh"

namespace pcd::kernels {

constexpr float kVarianceFloor = 1e-5f;

// Mean and reciprocal deviation of a row, by one warp; every lane has them. The row is read twice, the second time
// from the L1, so that the deviations are from the mean itself.
template <typename T>
PCD_DEVICE float2 row_statistics(const T* row, int64_t c, int lane) {
  float sum = 0.0f;
  for (int64_t i = lane; i < c; i += kWarp) sum += to_float(row[i]);
  const float mean = warp_sum(sum) / static_cast<float>(c);
  float square = 0.0f;
  for (int64_t i = lane; i < c; i += kWarp) {
    const float e = to_float(row[i]) - mean;
    square = fmaf(e, e, square);
  }
  return make_float2(mean, rsqrtf(warp_sum(square) / static_cast<float>(c) + kVarianceFloor));
}

}  // namespace pcd::kernels

#endif
