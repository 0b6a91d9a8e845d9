// SPDX-License-Identifier: Apache-2.0
//
// dilated_stack on CUDA cores: any C, fp32 or bf16 storage, fp32 arithmetic. A block is a product of rows (the dilated
// convolution: three shifted products over the same rows), a pass over rows (layer norm, GELU) and another product.
// Its gradient recomputes the convolution.
//
// Tiles of 64 × 64 outputs, 16 terms at a time; a thread holds 4 × 4. The order of every sum depends on shapes only.
#ifndef PCD_KERNELS_DILATED_STACK_ROWS_CUH
#define PCD_KERNELS_DILATED_STACK_ROWS_CUH

#include "common/device.cuh"
#include "common/gelu.cuh"
#include "common/layer_norm.cuh"
#include "dilated_stack/parameters.cuh"

namespace pcd::kernels::stack {

constexpr int kTile = 64;
constexpr int kDepth = 16;
constexpr int kThreads = 256;

// A 4 × 4 part of a tile's product, the operands transposed in shared memory.
struct Micro {
  float sum[4][4] = {};
  PCD_DEVICE void multiply(const float (*left)[kTile + 4], const float (*right)[kTile + 4]) {
    const int row = threadIdx.x / 16 * 4, column = threadIdx.x % 16 * 4;
#pragma unroll
    for (int k = 0; k < kDepth; ++k) {
      float a[4], b[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        a[i] = left[k][row + i];
        b[i] = right[k][column + i];
      }
#pragma unroll
      for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
      }
    }
  }
};

// out[r, n] = residual[r, n] + bias[n] + Σ_tap Σ_k a[r + (tap - taps/2)·step, k] · b[tap·c + k, n], rows outside their
// window read as 0; bias and residual may be null, residual may be out's memory. Grid (rows / 64, c / 64).
template <typename A, typename R, typename O>
PCD_KERNEL void __launch_bounds__(kThreads)
    rows_product(const A* a, int64_t rows, int64_t length, int64_t c, int taps, int64_t step, const float* b,
                 const float* bias, const R* residual, O* out) {
  __shared__ float left[kDepth][kTile + 4], right[kDepth][kTile + 4];
  const int64_t row0 = static_cast<int64_t>(blockIdx.x) * kTile, column0 = static_cast<int64_t>(blockIdx.y) * kTile;
  const int load_row = threadIdx.x / 4, load_k = threadIdx.x % 4 * 4;          // of left
  const int load_depth = threadIdx.x / 16, load_column = threadIdx.x % 16 * 4;  // of right
  const int64_t row = row0 + load_row, t = row % length;
  Micro micro;
  for (int tap = 0; tap < taps; ++tap) {
    const int64_t offset = (tap - taps / 2) * step;
    const bool inside = row < rows && t + offset >= 0 && t + offset < length;
    const A* source = a + (row + offset) * c;
    for (int64_t k0 = 0; k0 < c; k0 += kDepth) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int64_t k = k0 + load_k + i;
        left[load_k + i][load_row] = inside && k < c ? to_float(source[k]) : 0.0f;
        const int64_t n = column0 + load_column + i, depth = k0 + load_depth;
        right[load_depth][load_column + i] = depth < c && n < c ? b[(tap * c + depth) * c + n] : 0.0f;
      }
      __syncthreads();
      micro.multiply(left, right);
      __syncthreads();
    }
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t r = row0 + threadIdx.x / 16 * 4 + i, n = column0 + threadIdx.x % 16 * 4 + j;
      if (r >= rows || n >= c) continue;
      float value = micro.sum[i][j];
      if (bias != nullptr) value += bias[n];
      if (residual != nullptr) value += to_float(residual[r * c + n]);
      out[r * c + n] = from_float<O>(value);
    }
  }
}

// partial[piece][first + tap][o][i] = Σ over the piece's rows of a[r, o] · b[r + (tap - taps/2)·step, i].
// Grid (c / 64 · taps, c / 64, pieces).
template <typename A, typename B>
PCD_KERNEL void __launch_bounds__(kThreads)
    weight_pieces(const A* a, const B* b, int64_t rows, int64_t length, int64_t c, int first, int taps, int64_t step,
                  float* partial) {
  __shared__ float left[kDepth][kTile + 4], right[kDepth][kTile + 4];
  const int tap = static_cast<int>(blockIdx.x % taps);
  const int64_t i0 = static_cast<int64_t>(blockIdx.x / taps) * kTile, o0 = static_cast<int64_t>(blockIdx.y) * kTile;
  const int64_t begin = rows * blockIdx.z / gridDim.z, end = rows * (blockIdx.z + 1) / gridDim.z;
  const int64_t offset = (tap - taps / 2) * step;
  const int load_depth = threadIdx.x / 16, load_column = threadIdx.x % 16 * 4;
  Micro micro;
  for (int64_t r0 = begin; r0 < end; r0 += kDepth) {
    const int64_t r = r0 + load_depth, t = r % length + offset;
    const bool inside = r < end && t >= 0 && t < length;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t o = o0 + load_column + j, i = i0 + load_column + j;
      left[load_depth][load_column + j] = inside && o < c ? to_float(a[r * c + o]) : 0.0f;
      right[load_depth][load_column + j] = inside && i < c ? to_float(b[(r + offset) * c + i]) : 0.0f;
    }
    __syncthreads();
    micro.multiply(left, right);
    __syncthreads();
  }
  float* out = partial + (static_cast<int64_t>(blockIdx.z) * kMatrices + first + tap) * c * c;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int64_t o = o0 + threadIdx.x / 16 * 4 + i, n = i0 + threadIdx.x % 16 * 4 + j;
      if (o < c && n < c) out[o * c + n] = micro.sum[i][j];
    }
  }
}

constexpr int kRowWarps = 8;  // rows a thread block works on in the row passes

// u <- GELU(LN(u)). A warp a row.
PCD_KERNEL void normalise(float* u, const float* gain, const float* shift, int64_t rows, int64_t c) {
  const int lane = threadIdx.x % kWarp;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kRowWarps + threadIdx.x / kWarp;
  if (row >= rows) return;
  float* v = u + row * c;
  const float2 s = row_statistics(v, c, lane);
  for (int64_t i = lane; i < c; i += kWarp) v[i] = gelu(fmaf(gain[i], (v[i] - s.x) * s.y, shift[i]));
}

PCD_KERNEL void statistics(const float* u, int64_t rows, int64_t c, float2* out) {
  const int lane = threadIdx.x % kWarp;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kRowWarps + threadIdx.x / kWarp;
  if (row >= rows) return;
  const float2 s = row_statistics(u + row * c, c, lane);
  if (lane == 0) out[row] = s;
}

// u <- g = GELU(v), dg <- du, v = LN(u): with dv = dg·GELU'(v) and s = gain·dv,
// du = r·(s - mean(s) - x̂·mean(s·x̂)).
PCD_KERNEL void normalise_backward(float* u, float* dg, const float* gain, const float* shift,
                                   const float2* statistics, int64_t rows, int64_t c) {
  const int lane = threadIdx.x % kWarp;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kRowWarps + threadIdx.x / kWarp;
  if (row >= rows) return;
  float *v = u + row * c, *d = dg + row * c;
  const float2 s = statistics[row];
  float sum = 0.0f, along = 0.0f;
  for (int64_t i = lane; i < c; i += kWarp) {
    const float x = (v[i] - s.x) * s.y, slope = gain[i] * d[i] * gelu_derivative(fmaf(gain[i], x, shift[i]));
    d[i] = slope;
    sum += slope;
    along = fmaf(slope, x, along);
  }
  const float mean = warp_sum(sum) / static_cast<float>(c);
  along = warp_sum(along) / static_cast<float>(c);
  for (int64_t i = lane; i < c; i += kWarp) {
    const float x = (v[i] - s.x) * s.y;
    d[i] = s.y * (d[i] - mean - x * along);
    v[i] = gelu(fmaf(gain[i], x, shift[i]));
  }
}

// Sums over a piece of rows, for each column. A block is 32 columns × 8 rows; grid
// (pieces, c / 32).
constexpr int kColumns = 32, kColumnRows = 8;

struct ColumnSum {
  float rows[kColumnRows][kColumns];
  // Thread row 0 has the sum over the eight rows, in order.
  PCD_DEVICE float total(float value) {
    __syncthreads();
    rows[threadIdx.y][threadIdx.x] = value;
    __syncthreads();
    float sum = 0.0f;
    for (int r = 0; r < kColumnRows; ++r) sum += rows[r][threadIdx.x];
    return sum;
  }
};

// vectors[piece] gets norm.weight, norm.bias and pointwise.bias (1 to 3), before normalise_backward.
template <typename T>
PCD_KERNEL void norm_pieces(const float* u, const float* dg, const T* dy, const float* gain, const float* shift,
                            const float2* statistics, int64_t rows, int64_t c, float* vectors) {
  __shared__ ColumnSum shared;
  const int64_t column = static_cast<int64_t>(blockIdx.y) * kColumns + threadIdx.x;
  const int64_t begin = rows * blockIdx.x / gridDim.x, end = rows * (blockIdx.x + 1) / gridDim.x;
  float dgain = 0.0f, dshift = 0.0f, dbias = 0.0f;
  if (column < c) {
    for (int64_t row = begin + threadIdx.y; row < end; row += kColumnRows) {
      const float2 s = statistics[row];
      const float x = (u[row * c + column] - s.x) * s.y;
      const float dv = dg[row * c + column] * gelu_derivative(fmaf(gain[column], x, shift[column]));
      dgain = fmaf(dv, x, dgain);
      dshift += dv;
      dbias += to_float(dy[row * c + column]);
    }
  }
  dgain = shared.total(dgain);
  dshift = shared.total(dshift);
  dbias = shared.total(dbias);
  if (threadIdx.y != 0 || column >= c) return;
  float* out = vectors + static_cast<int64_t>(blockIdx.x) * kVectors * c + column;
  out[c] = dgain;
  out[2 * c] = dshift;
  out[3 * c] = dbias;
}

// vectors[piece] gets conv.bias (0).
PCD_KERNEL void bias_pieces(const float* du, int64_t rows, int64_t c, float* vectors) {
  __shared__ ColumnSum shared;
  const int64_t column = static_cast<int64_t>(blockIdx.y) * kColumns + threadIdx.x;
  const int64_t begin = rows * blockIdx.x / gridDim.x, end = rows * (blockIdx.x + 1) / gridDim.x;
  float sum = 0.0f;
  if (column < c) {
    for (int64_t row = begin + threadIdx.y; row < end; row += kColumnRows) sum += du[row * c + column];
  }
  sum = shared.total(sum);
  if (threadIdx.y == 0 && column < c) vectors[static_cast<int64_t>(blockIdx.x) * kVectors * c + column] = sum;
}

}  // namespace pcd::kernels::stack

#endif
