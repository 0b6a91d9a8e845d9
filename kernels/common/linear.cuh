// SPDX-License-Identifier: Apache-2.0
//
// Small dense fp32 products over a batch of embeddings, out[m, n] = Σ_k a(m, k)·b(k, n), for the ops that work on h:
// film, classifier, pool_project; and sums over rows. They run once a window, against hundreds of rows in the blocks.
#ifndef PCD_KERNELS_COMMON_LINEAR_CUH
#define PCD_KERNELS_COMMON_LINEAR_CUH

#include "common/device.cuh"

namespace pcd::kernels {

constexpr int kLinearTile = 64;     // rows and columns of a block
constexpr int kLinearDepth = 16;    // terms in shared memory at a time
constexpr int kLinearThreads = 256; // 16 × 16, each four rows by four columns

// A matrix read as element (row, column) at row·row_stride + column·column_stride.
struct Matrix {
  const float* data;
  int64_t row_stride, column_stride;
};

// A tile of kLinearTile lines (rows of a, columns of b) by kLinearDepth terms: asked for in registers, then put down.
struct LinearTile {
  static constexpr int kOwn = kLinearTile * kLinearDepth / kLinearThreads;
  float values[kOwn];

  // Neighbouring threads read neighbouring addresses, whichever way the matrix lies.
  static PCD_DEVICE void place(bool along_terms, int e, int& line, int& term) {
    const int i = threadIdx.x + e * kLinearThreads;
    line = along_terms ? i / kLinearDepth : i % kLinearTile;
    term = along_terms ? i % kLinearDepth : i / kLinearTile;
  }
  PCD_DEVICE void load(const float* data, int line_stride, int term_stride, int64_t lines, int64_t terms) {
#pragma unroll
    for (int e = 0; e < kOwn; ++e) {
      int line, term;
      place(term_stride == 1, e, line, term);
      values[e] = line < lines && term < terms ? data[line * line_stride + term * term_stride] : 0.0f;
    }
  }
  // Four floats more a row: writes along terms then meet a bank twice instead of sixteen times.
  PCD_DEVICE void put(float4 (&shared)[kLinearDepth][kLinearTile / 4 + 1], bool along_terms) const {
#pragma unroll
    for (int e = 0; e < kOwn; ++e) {
      int line, term;
      place(along_terms, e, line, term);
      reinterpret_cast<float*>(shared[term])[line] = values[e];
    }
  }
};

// out (+)= a·b (+ bias of the column). Grid (n / 64, m / 64, splits): a split sums its part of k, in order, and writes
// its own out [m, n]; with one split a result does not depend on the launch.
PCD_KERNEL void __launch_bounds__(kLinearThreads)
    linear(int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, const float* bias, bool accumulate, float* out) {
  __shared__ float4 left[kLinearDepth][kLinearTile / 4 + 1], right[kLinearDepth][kLinearTile / 4 + 1];
  const int64_t row0 = static_cast<int64_t>(blockIdx.y) * kLinearTile;
  const int64_t column0 = static_cast<int64_t>(blockIdx.x) * kLinearTile;
  const int64_t last = k * (blockIdx.z + 1) / gridDim.z;
  int64_t k0 = k * blockIdx.z / gridDim.z;
  out += blockIdx.z * m * n;
  const float* a_data = a.data + row0 * a.row_stride;
  const float* b_data = b.data + column0 * b.column_stride;
  LinearTile next_left, next_right;
  const auto load = [&] {
    next_left.load(a_data + k0 * a.column_stride, static_cast<int>(a.row_stride), static_cast<int>(a.column_stride),
                   m - row0, last - k0);
    next_right.load(b_data + k0 * b.row_stride, static_cast<int>(b.column_stride), static_cast<int>(b.row_stride),
                    n - column0, last - k0);
  };
  const int row = threadIdx.x / 16, column = threadIdx.x % 16;  // of four
  float sum[4][4] = {};
  load();
  while (k0 < last) {
    __syncthreads();
    next_left.put(left, a.column_stride == 1);
    next_right.put(right, b.row_stride == 1);
    __syncthreads();
    k0 += kLinearDepth;
    load();  // under way while this one is computed
#pragma unroll
    for (int kk = 0; kk < kLinearDepth; ++kk) {
      const float4 l = left[kk][row], r = right[kk][column];
      const float rows[4] = {l.x, l.y, l.z, l.w}, columns[4] = {r.x, r.y, r.z, r.w};
#pragma unroll
      for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) sum[i][j] = fmaf(rows[i], columns[j], sum[i][j]);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t y = row0 + 4 * row + i, x = column0 + 4 * column + j;
      if (y >= m || x >= n) continue;
      const float value = sum[i][j] + (bias == nullptr ? 0.0f : bias[x]);
      out[y * n + x] = accumulate ? out[y * n + x] + value : value;
    }
  }
}

// out (+)= the splits of a product, in order; a thread an element.
PCD_KERNEL void add_splits(const float* partial, int splits, int64_t size, bool accumulate, float* out) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= size) return;
  float sum = 0.0f;
#pragma unroll 8
  for (int split = 0; split < splits; ++split) sum += partial[split * size + i];
  out[i] = accumulate ? out[i] + sum : sum;
}

// Sums over rows: a block of 8 × 128 threads takes eight columns, a sector of memory a row, and a thread every 128th row
// of one, because there are few columns and long waits. Four rows of a warp are added by a tree, the warps in order.
constexpr int kSumColumns = 8, kSumRows = 128, kSumWarps = kSumColumns * kSumRows / kWarp;

// Σ_row value(row) for this thread's column; the threads of the first row have it. To be called by the whole block.
template <typename Value>
PCD_DEVICE float sum_rows(int64_t m, float (&shared)[kSumWarps][kSumColumns], const Value& value) {
  float sum = 0.0f;
#pragma unroll 4
  for (int64_t row = threadIdx.y; row < m; row += kSumRows) sum += value(row);
#pragma unroll
  for (int offset = kWarp / 2; offset >= kSumColumns; offset /= 2) sum += __shfl_xor_sync(kFullMask, sum, offset);
  constexpr int kAbreast = kWarp / kSumColumns;
  __syncthreads();  // what the caller summed before has been read
  if (threadIdx.y % kAbreast == 0) shared[threadIdx.y / kAbreast][threadIdx.x] = sum;
  __syncthreads();
  sum = 0.0f;
  if (threadIdx.y == 0) {
    for (int warp = 0; warp < kSumWarps; ++warp) sum += shared[warp][threadIdx.x];
  }
  return sum;
}

// out[n] (+)= Σ_m x[m, n]; grid n / 8, block (8, 128).
PCD_KERNEL void column_sums(const float* x, int64_t m, int64_t n, bool accumulate, float* out) {
  __shared__ float shared[kSumWarps][kSumColumns];
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kSumColumns + threadIdx.x;
  const bool inside = column < n;
  const float sum = sum_rows(m, shared, [&](int64_t row) { return inside ? x[row * n + column] : 0.0f; });
  if (threadIdx.y == 0 && inside) out[column] = accumulate ? out[column] + sum : sum;
}

}  // namespace pcd::kernels

#endif
