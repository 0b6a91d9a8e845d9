// SPDX-License-Identifier: Apache-2.0
//
// ridge: normal equations in fp64. A block sums a fixed piece of rows, a thread an element of (gram, moment); then the
// pieces are added in order. At most 17·17 + 17·16 = 561 elements.
#ifndef PCD_KERNELS_RIDGE_CUH
#define PCD_KERNELS_RIDGE_CUH

#include "common/device.cuh"
#include "precordia/precordia.h"

namespace pcd::kernels::ridge {

constexpr int kThreads = 576;
constexpr int kRows = 32;      // rows staged in shared memory at a time
constexpr int kPieces = 256;   // blocks, whatever the device

PCD_KERNEL void piece_sums(const float* inputs, const float* targets, int64_t rows, int n, int t, double* partial) {
  __shared__ double left[kRows][PCD_MAX_LEADS + 1], right[kRows][PCD_MAX_LEADS];
  const int k = n + 1, size = k * k + k * t;
  const int64_t begin = rows * blockIdx.x / gridDim.x, end = rows * (blockIdx.x + 1) / gridDim.x;
  const int e = threadIdx.x;
  const bool gram = e < k * k;
  const int i = gram ? e / k : (e - k * k) / (t > 0 ? t : 1), j = gram ? e % k : (e - k * k) % (t > 0 ? t : 1);
  double sum = 0;
  for (int64_t row = begin; row < end; row += kRows) {
    const int count = static_cast<int>(end - row < kRows ? end - row : kRows);
    for (int q = threadIdx.x; q < count * k; q += kThreads) {
      const int r = q / k, c = q % k;
      left[r][c] = c < n ? static_cast<double>(inputs[(row + r) * n + c]) : 1.0;
    }
    for (int q = threadIdx.x; q < count * t; q += kThreads) right[q / t][q % t] = targets[row * t + q];
    __syncthreads();
    if (e < size) {
      for (int r = 0; r < count; ++r) sum += left[r][i] * (gram ? left[r][j] : right[r][j]);
    }
    __syncthreads();
  }
  if (e < size) partial[static_cast<int64_t>(blockIdx.x) * size + e] = sum;
}

// One block: adds the pieces to what is there.
PCD_KERNEL void add_pieces(const double* partial, int pieces, int k, int t, double* gram, double* moment) {
  const int size = k * k + k * t, e = threadIdx.x;
  if (e >= size) return;
  double sum = 0;
  for (int piece = 0; piece < pieces; ++piece) sum += partial[static_cast<int64_t>(piece) * size + e];
  if (e < k * k) {
    gram[e] += sum;
  } else {
    moment[e - k * k] += sum;
  }
}

}  // namespace pcd::kernels::ridge

#endif
