// SPDX-License-Identifier: Apache-2.0
//
// stem: 7-tap convolution from a few leads to C channels, and its parameter gradient. Both take 14·leads FLOP for each
// element of y or dy, on CUDA cores as much time as the memory its bytes. So a lane holds two neighbouring channels and
// slides over consecutive steps: a sample that is read once from shared memory serves seven taps of both, and a warp
// reads or writes 64 channels of a step, in bf16 a line of memory.
#ifndef PCD_KERNELS_STEM_CUH
#define PCD_KERNELS_STEM_CUH

#include "common/linear.cuh"
#include "common/mma.cuh"

namespace pcd::kernels::stem {

constexpr int kTaps = 7;
constexpr int kReach = kTaps / 2;
constexpr int kWarps = 8;  // of a block, along time
constexpr int kThreads = kWarps * kWarp;
constexpr int kChannels = 2 * kWarp;  // of a block
constexpr int kChunk = 256;           // steps whose samples lie in shared memory at a time
constexpr int kLeads = 4;             // leads whose gradients a thread holds at a time

// Samples of a lead in shared memory: kReach more on either side, in a whole number of 16 bytes.
constexpr int kSampleRow = kChunk + 8;
static_assert(2 * kReach <= 8 && kSampleRow % 4 == 0, "what load_samples reads is there");
PCD_BOTH int sample_count(int leads) { return kSampleRow * leads; }
// Weights in shared memory: a row of the block's channels for each lead and tap. The two floats more spread what is
// written along a column over the banks.
constexpr int kWeightRow = kChannels + 2;
PCD_BOTH int weight_count(int leads) { return kWeightRow * leads * kTaps; }

// Copies samples [begin - 3, begin + kChunk + 5) of a window to shared memory, lead by lead, zero outside.
PCD_DEVICE void stage(const float* x, int64_t length, int leads, int64_t begin, float* samples) {
  const int count = sample_count(leads);
  for (int i = threadIdx.x; i < count; i += kThreads) {
    const int n = i % leads, step = i / leads;
    const int64_t t = begin + step - kReach;
    samples[n * kSampleRow + step] = t >= 0 && t < length ? x[t * leads + n] : 0.0f;
  }
}

// kSteps samples and what the taps reach beyond, of one lead, from a step that is a multiple of four on.
template <int kSteps>
PCD_DEVICE void load_samples(const float* samples, float (&s)[kSteps + 8]) {
#pragma unroll
  for (int i = 0; i < kSteps + 8; i += 4) {
    const float4 four = *reinterpret_cast<const float4*>(samples + i);
    s[i] = four.x, s[i + 1] = four.y, s[i + 2] = four.z, s[i + 3] = four.w;
  }
}

// Two neighbouring channels, the second absent at the end of an odd C.
template <typename T>
PCD_DEVICE void store_pair(T* to, bool both, float first, float second) {
  to[0] = from_float<T>(first);
  if (both) to[1] = from_float<T>(second);
}
PCD_DEVICE void store_aligned_pair(bf16* to, float first, float second) {
  *reinterpret_cast<uint32_t*>(to) = pack_bf16(first, second);
}
PCD_DEVICE void store_aligned_pair(float* to, float first, float second) {
  *reinterpret_cast<float2*>(to) = make_float2(first, second);
}
PCD_DEVICE float2 load_aligned_pair(const bf16* from) {
  const uint32_t pair = *reinterpret_cast<const uint32_t*>(from);
  return make_float2(low_bf16(pair), high_bf16(pair));
}
PCD_DEVICE float2 load_aligned_pair(const float* from) { return *reinterpret_cast<const float2*>(from); }

// Grid (blocks that stride over windows and chunks of them, channel tiles). Dynamic shared memory: float [samples +
// weights].
template <typename T>
PCD_KERNEL void __launch_bounds__(kThreads, 3)
    forward(const float* x, const float* weight, const float* bias, int64_t batch, int64_t length, int leads, int64_t c,
            T* y) {
  constexpr int kSteps = 16;
  PCD_DYNAMIC_SHARED(float, samples, 16);
  float* weights = samples + sample_count(leads);
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, taps = leads * kTaps;
  const int64_t tile = static_cast<int64_t>(blockIdx.y) * kChannels, channel = tile + 2 * lane;
  for (int i = threadIdx.x; i < kChannels * taps; i += kThreads) {
    const int own = i / taps, tap = i % taps;
    weights[tap * kWeightRow + own] = tile + own < c ? weight[(tile + own) * taps + tap] : 0.0f;
  }
  const bool one = channel < c, both = channel + 1 < c, aligned = c % 2 == 0;
  const float bias0 = one ? bias[channel] : 0.0f, bias1 = both ? bias[channel + 1] : 0.0f;
  const int64_t chunks = (length + kChunk - 1) / kChunk;
  for (int64_t turn = blockIdx.x; turn < batch * chunks; turn += gridDim.x) {
    const int64_t window = turn / chunks, begin = turn % chunks * kChunk;
    __syncthreads();  // the samples before these have been read
    stage(x + window * length * leads, length, leads, begin, samples);
    __syncthreads();
    const int steps = static_cast<int>(length - begin < kChunk ? length - begin : kChunk);
    for (int step = warp * kSteps; step < steps; step += kWarps * kSteps) {
      float sum0[kSteps], sum1[kSteps];
#pragma unroll
      for (int s = 0; s < kSteps; ++s) sum0[s] = bias0, sum1[s] = bias1;
#pragma unroll 1
      for (int n = 0; n < leads; ++n) {
        float value[kSteps + 8];
        load_samples<kSteps>(samples + n * kSampleRow + step, value);
        const float* w = weights + n * kTaps * kWeightRow + 2 * lane;
#pragma unroll
        for (int k = 0; k < kTaps; ++k) {
          const float2 factor = *reinterpret_cast<const float2*>(w + k * kWeightRow);
#pragma unroll
          for (int s = 0; s < kSteps; ++s) {
            sum0[s] = fmaf(factor.x, value[s + k], sum0[s]);
            sum1[s] = fmaf(factor.y, value[s + k], sum1[s]);
          }
        }
      }
      if (!one) continue;
      T* out = y + (window * length + begin + step) * c + channel;
#pragma unroll
      for (int s = 0; s < kSteps; ++s) {
        if (step + s >= steps) continue;
        if (aligned) {
          store_aligned_pair(out + s * c, sum0[s], sum1[s]);
        } else {
          store_pair(out + s * c, both, sum0[s], sum1[s]);
        }
      }
    }
  }
}

// Sums of one piece of windows: partial [pieces][leads·7 + 1][c], the last row for the bias. Grid (pieces, channel
// tiles, lead groups). Dynamic shared memory: float [samples].
template <typename T>
PCD_KERNEL void __launch_bounds__(kThreads, 2)
    gradient_pieces(const float* x, const T* dy, int64_t batch, int64_t length, int leads, int64_t c, float* partial) {
  constexpr int kSteps = 8;
  PCD_DYNAMIC_SHARED(float, samples, 16);
  __shared__ float2 rows[kWarps][kWarp];
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  const int64_t channel = static_cast<int64_t>(blockIdx.y) * kChannels + 2 * lane;
  const bool one = channel < c, both = channel + 1 < c, aligned = c % 2 == 0;
  const int first_lead = blockIdx.z * kLeads;
  const int64_t first = batch * blockIdx.x / gridDim.x, last = batch * (blockIdx.x + 1) / gridDim.x;
  float2 sum[kLeads * kTaps] = {}, bias = make_float2(0.0f, 0.0f);
  for (int64_t window = first; window < last; ++window) {
    for (int64_t begin = 0; begin < length; begin += kChunk) {
      const int steps = static_cast<int>(length - begin < kChunk ? length - begin : kChunk);
      const T* from = dy + (window * length + begin) * c + channel;
      // All steps of a turn at once, a turn ahead and before the samples: a warp that asked for one step at a time would
      // wait for each.
      float2 next[kSteps];
      const auto load = [&](int step) {
#pragma unroll
        for (int s = 0; s < kSteps; ++s) {
          next[s] = make_float2(0.0f, 0.0f);
          if (!one || step + s >= steps) continue;
          const T* pair = from + (step + s) * c;
          if (aligned) {
            next[s] = load_aligned_pair(pair);
          } else {
            next[s] = make_float2(to_float(pair[0]), both ? to_float(pair[1]) : 0.0f);
          }
        }
      };
      load(warp * kSteps);
      __syncthreads();
      stage(x + window * length * leads, length, leads, begin, samples);
      __syncthreads();
      for (int step = warp * kSteps; step < steps; step += kWarps * kSteps) {
        float2 slopes[kSteps];
#pragma unroll
        for (int s = 0; s < kSteps; ++s) slopes[s] = next[s];
        load(step + kWarps * kSteps);
#pragma unroll
        for (int s = 0; s < kSteps; ++s) bias.x += slopes[s].x, bias.y += slopes[s].y;
#pragma unroll
        for (int n = 0; n < kLeads; ++n) {
          if (first_lead + n >= leads) continue;
          float value[kSteps + 8];
          load_samples<kSteps>(samples + (first_lead + n) * kSampleRow + step, value);
#pragma unroll
          for (int k = 0; k < kTaps; ++k) {
            float2& own = sum[n * kTaps + k];
#pragma unroll
            for (int s = 0; s < kSteps; ++s) {
              own.x = fmaf(slopes[s].x, value[s + k], own.x);
              own.y = fmaf(slopes[s].y, value[s + k], own.y);
            }
          }
        }
      }
    }
  }
  const int64_t piece = static_cast<int64_t>(blockIdx.x) * (leads * kTaps + 1);
#pragma unroll
  for (int i = 0; i <= kLeads * kTaps; ++i) {  // the warps' sums, in order
    __syncthreads();
    rows[warp][lane] = i < kLeads * kTaps ? sum[i < kLeads * kTaps ? i : 0] : bias;
    __syncthreads();
    const bool is_bias = i == kLeads * kTaps;
    if (warp != 0 || !one || !(is_bias ? blockIdx.z == 0 : first_lead + i / kTaps < leads)) continue;
    float2 total = make_float2(0.0f, 0.0f);
    for (int w = 0; w < kWarps; ++w) total.x += rows[w][lane].x, total.y += rows[w][lane].y;
    store_pair(partial + (piece + (is_bias ? leads * kTaps : first_lead * kTaps + i)) * c + channel, both, total.x,
               total.y);
  }
}

// dweight [C, leads, 7] and dbias [C] from the pieces, in order: grid (taps + 1)·C / 8, block (8, 128).
PCD_KERNEL void add_pieces(const float* partial, int pieces, int leads, int64_t c, bool accumulate, float* gradient) {
  __shared__ float shared[kSumWarps][kSumColumns];
  const int taps = leads * kTaps;
  const int64_t size = (taps + 1) * c, i = static_cast<int64_t>(blockIdx.x) * kSumColumns + threadIdx.x;
  const float sum = sum_rows(pieces, shared, [&](int64_t piece) { return i < size ? partial[piece * size + i] : 0.0f; });
  if (threadIdx.y != 0 || i >= size) return;
  const int64_t row = i / c, channel = i % c;
  float* out = gradient + (row < taps ? channel * taps + row : c * taps + channel);
  *out = accumulate ? *out + sum : sum;
}

}  // namespace pcd::kernels::stem

#endif
