// SPDX-License-Identifier: Apache-2.0
//
// film: y = x·(1 + g) + b over [B, L, C] and its gradients; (g, b) [B, 2C] comes from a linear layer. Memory-bound:
// read x and write y, forward; read x and dy, write dx, backward. Kernels ending in _rows are for C = 64, 128, 256.
#ifndef PCD_KERNELS_FILM_CUH
#define PCD_KERNELS_FILM_CUH

#include "common/row_slices.cuh"

namespace pcd::kernels::film {

constexpr int kThreads = 256;
constexpr int kElements = 8;  // a thread

// Grid (windows, pieces of a window). An element's channel comes from a division of small numbers: one of 64 bits for
// every element would take longer than its bytes. All of a thread's elements are read before one is written, as y may
// be x's memory and nothing is read ahead of a write then.
template <typename T>
PCD_KERNEL void modulate(const T* x, const float* modulation, int64_t size, int64_t c, T* y) {
  constexpr int kPiece = kThreads * kElements;
  const float* row = modulation + 2 * blockIdx.x * c;
  const int64_t window = blockIdx.x * size;
  for (int64_t begin = static_cast<int64_t>(blockIdx.y) * kPiece; begin < size; begin += gridDim.y * kPiece) {
    const uint32_t offset = static_cast<uint32_t>(begin % c) + threadIdx.x;
    const int64_t first = window + begin + threadIdx.x, left = size - begin - threadIdx.x;
    float result[kElements];
#pragma unroll
    for (int e = 0; e < kElements; ++e) {
      if (e * kThreads >= left) continue;
      const uint32_t channel = (offset + e * kThreads) % static_cast<uint32_t>(c);
      result[e] = to_float(x[first + e * kThreads]) * (1.0f + row[channel]) + row[c + channel];
    }
#pragma unroll
    for (int e = 0; e < kElements; ++e) {
      if (e * kThreads < left) y[first + e * kThreads] = from_float<T>(result[e]);
    }
  }
}

// A block a window and 32 channels, grid (windows, channel tiles): 32 × 8 threads, each every eighth time step; sums
// over the eight in order. dx may be dy's memory: each element is read before it is written, by the same thread.
constexpr int kChannels = 32, kTimes = 8;

template <typename T>
PCD_KERNEL void demodulate(const T* x, const T* dy, const float* modulation, int64_t length, int64_t c, T* dx,
                           float* modulation_grad) {
  __shared__ float gains[kTimes][kChannels], shifts[kTimes][kChannels];
  const int64_t window = blockIdx.x, channel = static_cast<int64_t>(blockIdx.y) * kChannels + threadIdx.x;
  float gain_sum = 0, shift_sum = 0;
  if (channel < c) {
    const float factor = 1.0f + modulation[2 * window * c + channel];
    for (int64_t t = threadIdx.y; t < length; t += kTimes) {
      const int64_t i = (window * length + t) * c + channel;
      const float g = to_float(dy[i]);
      gain_sum += g * to_float(x[i]);
      shift_sum += g;
      dx[i] = from_float<T>(g * factor);
    }
  }
  gains[threadIdx.y][threadIdx.x] = gain_sum;
  shifts[threadIdx.y][threadIdx.x] = shift_sum;
  __syncthreads();
  if (threadIdx.y != 0 || channel >= c) return;
  for (int t = 1; t < kTimes; ++t) {
    gain_sum += gains[t][threadIdx.x];
    shift_sum += shifts[t][threadIdx.x];
  }
  modulation_grad[2 * window * c + channel] = gain_sum;
  modulation_grad[2 * window * c + c + channel] = shift_sum;
}

// By rows, for widths of common/row_slices.cuh: a thread the same channels of every kAbreast-th row, kDepth rows asked
// for before the first of them is written. As above, y may be x's memory and dx dy's.
constexpr int kDepth = 4;

// Grid (windows, pieces of a window).
template <int C, typename T>
PCD_KERNEL void __launch_bounds__(kThreads) modulate_rows(const T* x, const float* modulation, int64_t length, T* y) {
  constexpr int kLanes = C / kSlice, kAbreast = kThreads / kLanes;
  const int place = threadIdx.x % kLanes;
  const int64_t start = blockIdx.x * length * C + place * kSlice;
  const float* row = modulation + 2 * static_cast<int64_t>(blockIdx.x) * C + place * kSlice;
  float factor[kSlice], shift[kSlice];
#pragma unroll
  for (int i = 0; i < kSlice; ++i) factor[i] = 1.0f + row[i], shift[i] = row[C + i];
  constexpr int kTurn = kDepth * kAbreast;
  for (int64_t first = blockIdx.y * kTurn + threadIdx.x / kLanes; first < length; first += gridDim.y * kTurn) {
    Slice<T> slices[kDepth];
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      slices[d] = load_slice(x + start + t * C, t < length);
    }
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      float v[kSlice];
      unpack(slices[d], v);
#pragma unroll
      for (int i = 0; i < kSlice; ++i) v[i] = fmaf(v[i], factor[i], shift[i]);
      if (t < length) store_slice(y + start + t * C, v);
    }
  }
}

// A block a window: a thread's rows in order, then the rows abreast in order.
template <int C, typename T>
PCD_KERNEL void __launch_bounds__(kThreads)
    demodulate_rows(const T* x, const T* dy, const float* modulation, int64_t length, T* dx, float* modulation_grad) {
  constexpr int kLanes = C / kSlice, kAbreast = kThreads / kLanes;
  __shared__ float4 sums[2][kAbreast][C / 4];
  const int place = threadIdx.x % kLanes, abreast = threadIdx.x / kLanes;
  const int64_t start = blockIdx.x * length * C + place * kSlice, own = 2 * static_cast<int64_t>(blockIdx.x) * C;
  float factor[kSlice], gain[kSlice] = {}, shift[kSlice] = {};
#pragma unroll
  for (int i = 0; i < kSlice; ++i) factor[i] = 1.0f + modulation[own + place * kSlice + i];
  for (int64_t first = abreast; first < length; first += kDepth * kAbreast) {
    Slice<T> inputs[kDepth], slopes[kDepth];
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      inputs[d] = load_slice(x + start + t * C, t < length);
      slopes[d] = load_slice(dy + start + t * C, t < length);
    }
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t t = first + d * kAbreast;
      float v[kSlice], g[kSlice];
      unpack(inputs[d], v);
      unpack(slopes[d], g);
#pragma unroll
      for (int i = 0; i < kSlice; ++i) {
        gain[i] = fmaf(g[i], v[i], gain[i]);
        shift[i] += g[i];
        g[i] *= factor[i];
      }
      if (t < length) store_slice(dx + start + t * C, g);
    }
  }
  const auto put = [&](int which, const float (&v)[kSlice]) {
    sums[which][abreast][2 * place] = make_float4(v[0], v[1], v[2], v[3]);
    sums[which][abreast][2 * place + 1] = make_float4(v[4], v[5], v[6], v[7]);
  };
  put(0, gain);
  put(1, shift);
  __syncthreads();
  for (int i = threadIdx.x; i < 2 * C; i += kThreads) {
    float sum = 0.0f;
    for (int a = 0; a < kAbreast; ++a) sum += reinterpret_cast<const float*>(sums[i / C][a])[i % C];
    modulation_grad[own + i] = sum;
  }
}

}  // namespace pcd::kernels::film

#endif
