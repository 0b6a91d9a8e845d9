// SPDX-License-Identifier: Apache-2.0
//
// film: y = x·(1 + g) + b over [B, L, C] and its gradients; (g, b) [B, 2C] comes from a linear layer. Memory-bound:
// read x and write y, forward; read x and dy, write dx, backward.
#ifndef PCD_KERNELS_FILM_CUH
#define PCD_KERNELS_FILM_CUH

#include "common/device.cuh"

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

}  // namespace pcd::kernels::film

#endif
