// SPDX-License-Identifier: Apache-2.0
//
// head: layer norm, pointwise layer to T targets and the frozen anchor, and the gradients, for any width; rows.cuh has
// the widths of the networks. Memory-bound: forward reads x; backward reads x twice and writes dx.
//
// With S[t, c] = Σ_rows dy[t]·x̂[c] and D[t] = Σ_rows dy[t] the parameter gradients are
//   dW[t, c] = gain[c]·S[t, c] + shift[c]·D[t],  dbias[t] = D[t],
//   dgain[c] = Σ_t W[t, c]·S[t, c],  dshift[c] = Σ_t W[t, c]·D[t],
// so one pass over rows that sums S and D serves them all.
#ifndef PCD_KERNELS_HEAD_CUH
#define PCD_KERNELS_HEAD_CUH

#include "common/layer_norm.cuh"
#include "precordia/precordia.h"

namespace pcd::kernels::head {

constexpr int kWarps = 8;
constexpr int kThreads = kWarps * kWarp;

// Null anchor: none. statistics [rows, 2] may be null. A warp a row.
template <typename T>
PCD_KERNEL void forward(const T* x, const float* gain, const float* shift, const float* weight, const float* bias,
                        const float* anchor, const float* signal, int leads, int64_t rows, int64_t c, int targets,
                        float* statistics, float* y) {
  const int lane = threadIdx.x % kWarp;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kWarps + threadIdx.x / kWarp;
  if (row >= rows) return;
  const T* v = x + row * c;
  const float2 own = row_statistics(v, c, lane);
  const float mean = own.x, reciprocal = own.y;
  for (int t = 0; t < targets; ++t) {
    float dot = 0;
    for (int64_t i = lane; i < c; i += kWarp) {
      dot += weight[t * c + i] * (gain[i] * ((to_float(v[i]) - mean) * reciprocal) + shift[i]);
    }
    dot = warp_sum(dot);
    if (lane == 0) {
      float value = dot + bias[t];
      if (anchor != nullptr) {
        float base = anchor[targets * leads + t];
        for (int n = 0; n < leads; ++n) base += anchor[t * leads + n] * signal[row * leads + n];
        value += base;
      }
      y[row * targets + t] = value;
    }
  }
  if (statistics != nullptr && lane == 0) {
    statistics[2 * row] = mean;
    statistics[2 * row + 1] = reciprocal;
  }
}

// dx = r·(g - mean(g) - x̂·mean(g·x̂)), g[c] = gain[c]·Σ_t dy[t]·W[t, c]. A warp a row.
template <typename T>
PCD_KERNEL void input_gradient(const T* x, const float* dy, const float* gain, const float* weight,
                               const float* statistics, int64_t rows, int64_t c, int targets, T* dx) {
  const int lane = threadIdx.x % kWarp;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kWarps + threadIdx.x / kWarp;
  if (row >= rows) return;
  const T* v = x + row * c;
  const float mean = statistics[2 * row], reciprocal = statistics[2 * row + 1];
  float slopes[PCD_MAX_LEADS];
#pragma unroll
  for (int t = 0; t < PCD_MAX_LEADS; ++t) slopes[t] = t < targets ? dy[row * targets + t] : 0.0f;
  const auto slope = [&](int64_t i) {
    float g = 0;
#pragma unroll
    for (int t = 0; t < PCD_MAX_LEADS; ++t) {
      if (t < targets) g += slopes[t] * weight[t * c + i];
    }
    return g * gain[i];
  };
  float sum = 0, along = 0;
  for (int64_t i = lane; i < c; i += kWarp) {
    const float g = slope(i);
    sum += g;
    along += g * ((to_float(v[i]) - mean) * reciprocal);
  }
  const float mean_g = warp_sum(sum) / static_cast<float>(c);
  along = warp_sum(along) / static_cast<float>(c);
  for (int64_t i = lane; i < c; i += kWarp) {
    dx[row * c + i] =
        from_float<T>(reciprocal * (slope(i) - mean_g - (to_float(v[i]) - mean) * reciprocal * along));
  }
}

// S and D of a piece of rows: partial [pieces][T][c + 1], D in the last column. Grid (pieces, channel tiles + 1), the
// last tile sums D; block 32 channels × 8 rows.
constexpr int kChannels = 32, kGroups = 8, kTargets = 8;

template <typename T>
PCD_KERNEL void sum_pieces(const T* x, const float* dy, const float* statistics, int64_t rows, int64_t c, int targets,
                           float* partial) {
  __shared__ float shared[kGroups][kChannels];
  const bool ones = blockIdx.y + 1 == gridDim.y;
  const int64_t channel = ones ? c : static_cast<int64_t>(blockIdx.y) * kChannels + threadIdx.x;
  const bool active = ones ? threadIdx.x == 0 : channel < c;
  const int64_t first = rows * blockIdx.x / gridDim.x, last = rows * (blockIdx.x + 1) / gridDim.x;
  for (int t0 = 0; t0 < targets; t0 += kTargets) {
    float sum[kTargets] = {};
    if (active) {
      for (int64_t row = first + threadIdx.y; row < last; row += kGroups) {
        const float value =
            ones ? 1.0f : (to_float(x[row * c + channel]) - statistics[2 * row]) * statistics[2 * row + 1];
#pragma unroll
        for (int t = 0; t < kTargets; ++t) {
          if (t0 + t < targets) sum[t] += dy[row * targets + t0 + t] * value;
        }
      }
    }
#pragma unroll
    for (int t = 0; t < kTargets; ++t) {
      __syncthreads();
      shared[threadIdx.y][threadIdx.x] = sum[t];
      __syncthreads();
      if (threadIdx.y != 0 || !active || t0 + t >= targets) continue;
      float total = 0;
      for (int group = 0; group < kGroups; ++group) total += shared[group][threadIdx.x];
      partial[(static_cast<int64_t>(blockIdx.x) * targets + t0 + t) * (c + 1) + channel] = total;
    }
  }
}

// A thread a channel, and one for the biases.
PCD_KERNEL void parameter_gradient(const float* sums, const float* gain, const float* shift, const float* weight,
                                   int64_t c, int targets, bool accumulate, float* gain_grad, float* shift_grad,
                                   float* weight_grad, float* bias_grad) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i > c) return;
  const auto put = [accumulate](float* out, float value) { *out = accumulate ? *out + value : value; };
  float dgain = 0, dshift = 0;
  for (int t = 0; t < targets; ++t) {
    const float d = sums[t * (c + 1) + c];
    if (i == c) {
      put(bias_grad + t, d);
      continue;
    }
    const float s = sums[t * (c + 1) + i];
    put(weight_grad + t * c + i, gain[i] * s + shift[i] * d);
    dgain += weight[t * c + i] * s;
    dshift += weight[t * c + i] * d;
  }
  if (i < c) {
    put(gain_grad + i, dgain);
    put(shift_grad + i, dshift);
  }
}

}  // namespace pcd::kernels::head

#endif
