// SPDX-License-Identifier: Apache-2.0
//
// Small dense fp32 products over a batch of embeddings, out[m, n] = Σ_k a(m, k)·b(k, n), for the ops that work on h:
// film, classifier, pool_project. One 32×32 tile a block, k in order, so a result never depends on the launch. They run
// once a window, against thousands of rows in the blocks: simple on purpose.
#ifndef PCD_KERNELS_COMMON_LINEAR_CUH
#define PCD_KERNELS_COMMON_LINEAR_CUH

#include "common/device.cuh"

namespace pcd::kernels {

constexpr int kLinearTile = 32;
constexpr int kLinearRows = 8;  // threads of a block: 32 × 8, four rows of the tile each

// A matrix read as element (row, column) at row·row_stride + column·column_stride.
struct Matrix {
  const float* data;
  int64_t row_stride, column_stride;
};

// out (+)= a·b (+ bias of the column); grid (n / 32, m / 32), block (32, 8).
PCD_KERNEL void linear(int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, const float* bias, bool accumulate,
                       float* out) {
  __shared__ float left[kLinearTile][kLinearTile + 1], right[kLinearTile][kLinearTile + 1];
  const int64_t row0 = static_cast<int64_t>(blockIdx.y) * kLinearTile;
  const int64_t column0 = static_cast<int64_t>(blockIdx.x) * kLinearTile;
  const bool a_by_row = a.column_stride == 1, b_by_row = b.column_stride == 1;
  float sum[kLinearTile / kLinearRows] = {};
  for (int64_t k0 = 0; k0 < k; k0 += kLinearTile) {
#pragma unroll
    for (int r = 0; r < kLinearTile; r += kLinearRows) {
      // Neighbouring threads read neighbouring addresses, whichever way the matrix lies.
      const int i = threadIdx.y + r, j = threadIdx.x;
      const int ar = a_by_row ? i : j, ak = a_by_row ? j : i;
      const int bk = b_by_row ? i : j, bc = b_by_row ? j : i;
      const bool a_inside = row0 + ar < m && k0 + ak < k, b_inside = k0 + bk < k && column0 + bc < n;
      left[ar][ak] = a_inside ? a.data[(row0 + ar) * a.row_stride + (k0 + ak) * a.column_stride] : 0.0f;
      right[bk][bc] = b_inside ? b.data[(k0 + bk) * b.row_stride + (column0 + bc) * b.column_stride] : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int kk = 0; kk < kLinearTile; ++kk) {
#pragma unroll
      for (int r = 0; r < kLinearTile / kLinearRows; ++r) {
        sum[r] += left[threadIdx.y + r * kLinearRows][kk] * right[kk][threadIdx.x];
      }
    }
    __syncthreads();
  }
  const int64_t column = column0 + threadIdx.x;
#pragma unroll
  for (int r = 0; r < kLinearTile / kLinearRows; ++r) {
    const int64_t row = row0 + threadIdx.y + r * kLinearRows;
    if (row >= m || column >= n) continue;
    const float value = sum[r] + (bias == nullptr ? 0.0f : bias[column]);
    out[row * n + column] = accumulate ? out[row * n + column] + value : value;
  }
}

// Sums over rows: a block of 32 × 32 threads takes 32 columns, a warp every 32nd row of them, because one thread that
// went down a whole batch would wait for memory at every few rows. The warps' sums are added in order.
constexpr int kSumColumns = 32, kSumRows = 32;

// Σ_row value(row) for this thread's column; the first warp has it. To be called by the whole block.
template <typename Value>
PCD_DEVICE float sum_rows(int64_t m, float (&shared)[kSumRows][kSumColumns], const Value& value) {
  float sum = 0.0f;
#pragma unroll 4
  for (int64_t row = threadIdx.y; row < m; row += kSumRows) sum += value(row);
  __syncthreads();  // what the caller summed before has been read
  shared[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  sum = 0.0f;
  if (threadIdx.y == 0) {
    for (int r = 0; r < kSumRows; ++r) sum += shared[r][threadIdx.x];
  }
  return sum;
}

// out[n] (+)= Σ_m x[m, n]; grid n / 32, block (32, 32).
PCD_KERNEL void column_sums(const float* x, int64_t m, int64_t n, bool accumulate, float* out) {
  __shared__ float shared[kSumRows][kSumColumns];
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kSumColumns + threadIdx.x;
  const bool inside = column < n;
  const float sum = sum_rows(m, shared, [&](int64_t row) { return inside ? x[row * n + column] : 0.0f; });
  if (threadIdx.y == 0 && inside) out[column] = accumulate ? out[column] + sum : sum;
}

}  // namespace pcd::kernels

#endif
