// SPDX-License-Identifier: Apache-2.0
//
// stem: 7-tap convolution from a few leads to C channels, and its parameter gradient.
// Forward is bound by writing y; backward by reading dy (once a group of four leads).
#ifndef PCD_KERNELS_STEM_CUH
#define PCD_KERNELS_STEM_CUH

#include "common/device.cuh"

namespace pcd::kernels::stem {

constexpr int kTaps = 7;
constexpr int kReach = kTaps / 2;
constexpr int kChannels = 32;  // threads of a block along channels
constexpr int kGroups = 8;     // and along time
constexpr int kSteps = 8;      // consecutive time steps of a thread
constexpr int kTile = kGroups * kSteps;
constexpr int kLeads = 4;      // leads whose gradients a thread holds at a time

PCD_BOTH int sample_count(int leads) { return (kTile + kTaps - 1) * leads; }
// Weights of a block's channels in shared memory: rows of an odd number of floats, so that channels lie in banks of
// their own. Read where they are, they would be 28·leads bytes apart, a line of the L1 for nearly every lane.
PCD_BOTH int weight_stride(int leads) { return leads * kTaps | 1; }

// Copies samples [begin - 3, begin + kTile + 3) of a window to shared memory, zero outside.
PCD_DEVICE void stage(const float* x, int64_t length, int leads, int64_t begin, float* shared) {
  const int count = sample_count(leads);
  for (int i = threadIdx.y * kChannels + threadIdx.x; i < count; i += kChannels * kGroups) {
    const int64_t t = begin + i / leads - kReach;
    shared[i] = t >= 0 && t < length ? x[t * leads + i % leads] : 0.0f;
  }
}

// Grid (windows · time tiles, channel tiles). Dynamic shared memory: float [(kTile + 6)·leads + 32·weight_stride].
template <typename T>
PCD_KERNEL void forward(const float* x, const float* weight, const float* bias, int64_t length, int leads, int64_t c,
                        T* y) {
  PCD_DYNAMIC_SHARED(float, samples, 4);
  const int64_t tiles = (length + kTile - 1) / kTile;
  const int64_t window = blockIdx.x / tiles, begin = blockIdx.x % tiles * kTile;
  const int64_t channel = static_cast<int64_t>(blockIdx.y) * kChannels + threadIdx.x;
  stage(x + window * length * leads, length, leads, begin, samples);
  float* weights = samples + sample_count(leads);
  const int64_t first = static_cast<int64_t>(blockIdx.y) * kChannels;
  const int taps = leads * kTaps, count = static_cast<int>(c - first < kChannels ? c - first : kChannels) * taps;
  for (int i = threadIdx.y * kChannels + threadIdx.x; i < count; i += kChannels * kGroups) {
    weights[i / taps * weight_stride(leads) + i % taps] = weight[first * taps + i];
  }
  __syncthreads();
  if (channel >= c) return;
  float sum[kSteps];
#pragma unroll
  for (int s = 0; s < kSteps; ++s) sum[s] = bias[channel];
  for (int n = 0; n < leads; ++n) {
    const float* w = weights + threadIdx.x * weight_stride(leads) + n * kTaps;
#pragma unroll
    for (int k = 0; k < kTaps; ++k) {
      const float factor = w[k];
#pragma unroll
      for (int s = 0; s < kSteps; ++s) sum[s] += factor * samples[(threadIdx.y * kSteps + s + k) * leads + n];
    }
  }
#pragma unroll
  for (int s = 0; s < kSteps; ++s) {
    const int64_t t = begin + threadIdx.y * kSteps + s;
    if (t < length) y[(window * length + t) * c + channel] = from_float<T>(sum[s]);
  }
}

// Sums of one piece of windows: partial [pieces][leads·7 + 1][c], the last row for the bias. Grid (pieces, channel
// tiles, lead groups). Dynamic shared memory: float [(kTile + 6)·leads].
template <typename T>
PCD_KERNEL void gradient_pieces(const float* x, const T* dy, int64_t batch, int64_t length, int leads, int64_t c,
                                float* partial) {
  PCD_DYNAMIC_SHARED(float, samples, 4);
  __shared__ float rows[kGroups][kChannels];
  const int64_t channel = static_cast<int64_t>(blockIdx.y) * kChannels + threadIdx.x;
  const int first_lead = blockIdx.z * kLeads;
  const int64_t first = batch * blockIdx.x / gridDim.x, last = batch * (blockIdx.x + 1) / gridDim.x;
  float sum[kLeads * kTaps] = {}, bias = 0.0f;
  for (int64_t window = first; window < last; ++window) {
    for (int64_t begin = 0; begin < length; begin += kTile) {
      // All of dy at once, and before the samples: a warp that asked for one step at a time would wait for each.
      float slopes[kSteps];
#pragma unroll
      for (int s = 0; s < kSteps; ++s) {
        const int64_t t = begin + threadIdx.y * kSteps + s;
        slopes[s] = channel < c && t < length ? to_float(dy[(window * length + t) * c + channel]) : 0.0f;
      }
      __syncthreads();
      stage(x + window * length * leads, length, leads, begin, samples);
      __syncthreads();
#pragma unroll
      for (int s = 0; s < kSteps; ++s) {
        const float g = slopes[s];
        bias += g;
#pragma unroll
        for (int n = 0; n < kLeads; ++n) {
          if (first_lead + n < leads) {
#pragma unroll
            for (int k = 0; k < kTaps; ++k) {
              sum[n * kTaps + k] += g * samples[(threadIdx.y * kSteps + s + k) * leads + first_lead + n];
            }
          }
        }
      }
    }
  }
  const int64_t piece = static_cast<int64_t>(blockIdx.x) * (leads * kTaps + 1);
#pragma unroll
  for (int i = 0; i <= kLeads * kTaps; ++i) {  // the time groups' sums, in order
    __syncthreads();
    rows[threadIdx.y][threadIdx.x] = i < kLeads * kTaps ? sum[i < kLeads * kTaps ? i : 0] : bias;
    __syncthreads();
    if (threadIdx.y != 0 || channel >= c) continue;
    float total = 0.0f;
    for (int group = 0; group < kGroups; ++group) total += rows[group][threadIdx.x];
    const bool is_bias = i == kLeads * kTaps;
    if (is_bias ? blockIdx.z == 0 : first_lead + i / kTaps < leads) {
      partial[(piece + (is_bias ? leads * kTaps : first_lead * kTaps + i)) * c + channel] = total;
    }
  }
}

// dweight [C, leads, 7] and dbias [C] from the pieces, in order; a thread an element.
PCD_KERNEL void add_pieces(const float* partial, int pieces, int leads, int64_t c, bool accumulate, float* gradient) {
  const int taps = leads * kTaps;
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= (taps + 1) * c) return;
  const int64_t row = i / c, channel = i % c;
  float sum = 0.0f;
  for (int piece = 0; piece < pieces; ++piece) {
    sum += partial[(static_cast<int64_t>(piece) * (taps + 1) + row) * c + channel];
  }
  float* out = gradient + (row < taps ? channel * taps + row : c * taps + channel);
  *out = accumulate ? *out + sum : sum;
}

}  // namespace pcd::kernels::stem

#endif
