// SPDX-License-Identifier: Apache-2.0
//
// pool_project: layer norm and mean over time of [B, L, C] (h), L2 normalisation (z), and their gradients; the two
// linear layers between are common/linear.cuh. As h = gain · mean(x̂) + shift, forward reads x once and writes
// nothing of its size; backward reads x once and writes dx. Kernels ending in _rows are for C = 64, 128, 256.
#ifndef PCD_KERNELS_POOL_PROJECT_CUH
#define PCD_KERNELS_POOL_PROJECT_CUH

#include "common/gelu.cuh"
#include "common/layer_norm.cuh"
#include "common/linear.cuh"
#include "common/row_slices.cuh"

namespace pcd::kernels::pool {

constexpr int kWarps = 8;
constexpr int kThreads = kWarps * kWarp;
constexpr float kShortest = 1e-12f;

// A block a window, a warp every eighth row, a lane every 32nd channel. Dynamic shared memory: float [kWarps][c].
template <typename T>
PCD_KERNEL void pool(const T* x, const float* gain, const float* shift, int64_t length, int64_t c, float* statistics,
                     float* centred, float* h) {
  PCD_DYNAMIC_SHARED(float, sums, 4);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  float* own = sums + warp * c;
  for (int64_t i = lane; i < c; i += kWarp) own[i] = 0.0f;
  for (int64_t t = warp; t < length; t += kWarps) {
    const int64_t row = blockIdx.x * length + t;
    const T* v = x + row * c;
    const float2 of_row = row_statistics(v, c, lane);
    const float mean = of_row.x, reciprocal = of_row.y;
    for (int64_t i = lane; i < c; i += kWarp) own[i] += (to_float(v[i]) - mean) * reciprocal;
    if (lane == 0) {
      statistics[2 * row] = mean;
      statistics[2 * row + 1] = reciprocal;
    }
  }
  __syncthreads();
  for (int64_t i = threadIdx.x; i < c; i += kThreads) {
    float sum = 0;
    for (int w = 0; w < kWarps; ++w) sum += sums[w * c + i];
    sum /= static_cast<float>(length);
    centred[blockIdx.x * c + i] = sum;
    h[blockIdx.x * c + i] = gain[i] * sum + shift[i];
  }
}

PCD_KERNEL void activate(const float* hidden, int64_t n, float* active) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i < n) active[i] = gelu(hidden[i]);
}

PCD_KERNEL void activate_backward(const float* hidden, int64_t n, float* gradient) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i < n) gradient[i] *= gelu_derivative(hidden[i]);
}

// A block a window: z = p / max(|p|, 1e-12), in place.
PCD_KERNEL void normalise(float* z, int64_t depth, float* norms) {
  __shared__ float shared[32];
  float* row = z + blockIdx.x * depth;
  float square = 0;
  for (int64_t i = threadIdx.x; i < depth; i += kThreads) square += row[i] * row[i];
  const float norm = fmaxf(sqrtf(block_sum(square, shared)), kShortest);
  for (int64_t i = threadIdx.x; i < depth; i += kThreads) row[i] /= norm;
  if (threadIdx.x == 0) norms[blockIdx.x] = norm;
}

// dp = (dz - z·(z·dz)) / |p|; a vector shorter than 1e-12 was divided by a constant.
PCD_KERNEL void normalise_backward(const float* z, const float* z_grad, const float* norms, int64_t depth,
                                   float* p_grad) {
  __shared__ float shared[32];
  const int64_t first = blockIdx.x * depth;
  float along = 0;
  for (int64_t i = threadIdx.x; i < depth; i += kThreads) along += z[first + i] * z_grad[first + i];
  along = block_sum(along, shared);
  const float norm = norms[blockIdx.x];
  if (!(norm > kShortest)) along = 0;
  for (int64_t i = threadIdx.x; i < depth; i += kThreads) {
    p_grad[first + i] = (z_grad[first + i] - along * z[first + i]) / norm;
  }
}

// dgain (+)= Σ_b dh·mean(x̂), dshift (+)= Σ_b dh; grid c / 8, block (8, 128), as column_sums.
PCD_KERNEL void norm_gradient(const float* h_grad, const float* centred, int64_t batch, int64_t c, bool accumulate,
                              float* gain_grad, float* shift_grad) {
  __shared__ float shared[kSumWarps][kSumColumns];
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kSumColumns + threadIdx.x;
  const bool inside = i < c;
  const float gain = sum_rows(batch, shared, [&](int64_t b) {
    return inside ? h_grad[b * c + i] * centred[b * c + i] : 0.0f;
  });
  const float shift = sum_rows(batch, shared, [&](int64_t b) { return inside ? h_grad[b * c + i] : 0.0f; });
  if (threadIdx.y != 0 || !inside) return;
  gain_grad[i] = accumulate ? gain_grad[i] + gain : gain;
  shift_grad[i] = accumulate ? shift_grad[i] + shift : shift;
}

// The gradient g = dh·gain/L of a normalised row is the same at every time step.
// dx = r·(g - mean(g) - x̂·mean(g·x̂)). A block a window, a warp every eighth row. Dynamic shared memory: float [c].
template <typename T>
PCD_KERNEL void unpool(const T* x, const float* h_grad, const float* gain, const float* statistics, int64_t length,
                       int64_t c, T* dx) {
  PCD_DYNAMIC_SHARED(float, g, 4);
  __shared__ float shared[32];
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  float sum = 0;
  for (int64_t i = threadIdx.x; i < c; i += kThreads) {
    g[i] = h_grad[blockIdx.x * c + i] * gain[i] / static_cast<float>(length);
    sum += g[i];
  }
  const float mean_g = block_sum(sum, shared) / static_cast<float>(c);
  for (int64_t t = warp; t < length; t += kWarps) {
    const int64_t row = blockIdx.x * length + t;
    const T* v = x + row * c;
    const float mean = statistics[2 * row], reciprocal = statistics[2 * row + 1];
    float along = 0;
    for (int64_t i = lane; i < c; i += kWarp) along += g[i] * (to_float(v[i]) - mean);
    along = warp_sum(along) * reciprocal * reciprocal / static_cast<float>(c);
    for (int64_t i = lane; i < c; i += kWarp) {
      dx[row * c + i] = from_float<T>(reciprocal * (g[i] - mean_g - along * (to_float(v[i]) - mean)));
    }
  }
}

// pool and unpool by rows, for widths of common/row_slices.cuh: a block a window, a lane the same channels of every
// row it meets, kDepth rows of them asked for at once.
template <int C, typename T>
PCD_KERNEL void __launch_bounds__(kThreads)
    pool_rows(const T* x, const float* gain, const float* shift, int64_t length, float* statistics, float* centred,
              float* h) {
  constexpr int kLanes = C / kSlice, kAbreast = kThreads / kLanes, kDepth = 4;
  __shared__ float4 sums[kWarps][C / 4];
  const int place = threadIdx.x % kLanes, warp = threadIdx.x / kWarp;
  const int64_t window = blockIdx.x * length;
  float own[kSlice] = {};
  for (int64_t first = threadIdx.x / kLanes; first - threadIdx.x / kLanes < length; first += kDepth * kAbreast) {
    Slice<T> slices[kDepth];
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      slices[d] = load_slice(x + (window + t) * C + place * kSlice, t < length);
    }
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      float v[kSlice];
      unpack(slices[d], v);
      const float2 of_row = centre<kLanes>(v);  // of a row that is not there: its zeros stay zeros
#pragma unroll
      for (int i = 0; i < kSlice; ++i) own[i] = fmaf(v[i], of_row.y, own[i]);
      if (t < length && place == 0) reinterpret_cast<float2*>(statistics)[window + t] = of_row;
    }
  }
#pragma unroll
  for (int i = 0; i < kSlice; ++i) own[i] = sum_across_rows<kLanes>(own[i]);
  if (threadIdx.x % kWarp < kLanes) {
    sums[warp][2 * place] = make_float4(own[0], own[1], own[2], own[3]);
    sums[warp][2 * place + 1] = make_float4(own[4], own[5], own[6], own[7]);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < C; i += kThreads) {
    float sum = 0.0f;
    for (int w = 0; w < kWarps; ++w) sum += reinterpret_cast<const float*>(sums[w])[i];
    sum /= static_cast<float>(length);
    centred[static_cast<int64_t>(blockIdx.x) * C + i] = sum;
    h[static_cast<int64_t>(blockIdx.x) * C + i] = gain[i] * sum + shift[i];
  }
}

template <int C, typename T>
PCD_KERNEL void __launch_bounds__(kThreads)
    unpool_rows(const T* x, const float* h_grad, const float* gain, const float* statistics, int64_t length, T* dx) {
  constexpr int kLanes = C / kSlice, kAbreast = kThreads / kLanes, kDepth = 4;
  const int place = threadIdx.x % kLanes;
  const int64_t window = blockIdx.x * length;
  float g[kSlice], sum = 0.0f;
#pragma unroll
  for (int i = 0; i < kSlice; ++i) {
    const int c = place * kSlice + i;
    g[i] = h_grad[static_cast<int64_t>(blockIdx.x) * C + c] * gain[c] / static_cast<float>(length);
    sum += g[i];
  }
  const float mean_g = row_sum<kLanes>(sum) / C;
  for (int64_t first = threadIdx.x / kLanes; first - threadIdx.x / kLanes < length; first += kDepth * kAbreast) {
    Slice<T> slices[kDepth];
    float2 own[kDepth];
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      slices[d] = load_slice(x + (window + t) * C + place * kSlice, t < length);
      own[d] = t < length ? reinterpret_cast<const float2*>(statistics)[window + t] : make_float2(0.0f, 0.0f);
    }
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      const float reciprocal = own[d].y;
      float v[kSlice], along = 0.0f;
      unpack(slices[d], v);
#pragma unroll
      for (int i = 0; i < kSlice; ++i) {
        v[i] -= own[d].x;
        along = fmaf(g[i], v[i], along);
      }
      along = row_sum<kLanes>(along) * reciprocal * reciprocal / C;
#pragma unroll
      for (int i = 0; i < kSlice; ++i) v[i] = reciprocal * (g[i] - mean_g - along * v[i]);
      if (t < length) store_slice(dx + (window + t) * C + place * kSlice, v);
    }
  }
}

}  // namespace pcd::kernels::pool

#endif
