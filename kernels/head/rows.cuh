// SPDX-License-Identifier: Apache-2.0
//
// head for C = 64, 128, 256 and up to eight targets: rows by slices (common/row_slices.cuh), a warp several rows at a
// time, what comes next asked for before what is there is computed. Blocks stay and stride over the rows, so that weights
// and parameter sums lie in registers. Backward is one kernel: it reads x once and writes dx, S and D (head.cuh).
//
// kTargets bounds the targets: those beyond the real ones have weights and slopes of zero.
#ifndef PCD_KERNELS_HEAD_ROWS_CUH
#define PCD_KERNELS_HEAD_ROWS_CUH

#include "common/row_slices.cuh"
#include "head/head.cuh"

namespace pcd::kernels::head {

constexpr int kTargetLanes = 8;  // y of a row is left in as many places of its lanes

// Blocks of a multiprocessor: up to five targets fit into half of its registers, but not as ptxas lays them out for
// sm_100 and beyond.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1000
constexpr int kMostBlocks = 1;
#else
constexpr int kMostBlocks = 2;
#endif
template <int kTargets>
constexpr int kBlocks = kTargets <= 5 ? kMostBlocks : 1;

// Sums v[t] over a row's kLanes lanes; lane l is left with that of target l / (kLanes / 8). Each step halves what a
// lane holds, so that eight sums take hardly more exchanges than one.
template <int kLanes>
PCD_DEVICE float scatter_sums(float (&v)[kTargetLanes], int lane) {
#pragma unroll
  for (int left = kTargetLanes / 2, offset = kLanes / 2; left > 0; left /= 2, offset /= 2) {
    const bool upper = (lane & offset) != 0;
#pragma unroll
    for (int t = 0; t < left; ++t) {
      const float given = upper ? v[t] : v[t + left];
      v[t] = (upper ? v[t + left] : v[t]) + __shfl_xor_sync(kFullMask, given, offset);
    }
  }
  return row_sum<kLanes / kTargetLanes>(v[0]);
}

// y[t] = r·Σ_c gain·W[t, c]·(x[c] - mean) + Σ_n A[t, n]·signal[n] + what no row changes. A lane takes a lead, as if it
// were a channel more: leads are at most kLanes.
template <int C, int kTargets, typename T>
PCD_KERNEL void __launch_bounds__(kThreads, kBlocks<kTargets>)
    forward_rows(const T* x, const float* gain, const float* shift, const float* weight, const float* bias,
                 const float* anchor, const float* signal, int leads, int64_t rows, int targets, float* statistics,
                 float* y) {
  constexpr int kLanes = C / kSlice, kAbreast = kWarp / kLanes, kDepth = sizeof(T) == 2 ? 4 : 2;
  const int place = threadIdx.x % kLanes, group = threadIdx.x % kWarp / kLanes;
  const int target = place / (kLanes / kTargetLanes);
  const bool writes = place % (kLanes / kTargetLanes) == 0 && target < targets;

  float weights[kTargets][kSlice], of_lead[kTargets], fixed[kTargetLanes] = {};
#pragma unroll
  for (int t = 0; t < kTargets; ++t) {
    const bool real = t < targets;
    of_lead[t] = real && place < leads ? anchor[t * leads + place] : 0.0f;
#pragma unroll
    for (int i = 0; i < kSlice; ++i) {
      const int c = place * kSlice + i;
      const float w = real ? weight[t * C + c] : 0.0f;
      weights[t][i] = w * gain[c];
      fixed[t] = fmaf(w, shift[c], fixed[t]);
    }
  }
  float constant = scatter_sums<kLanes>(fixed, place);
  if (writes) {
    constant += bias[target];
    if (anchor != nullptr) constant += anchor[targets * leads + target];
  }

  // A tile of a warp: kDepth times as many neighbouring rows as its lanes hold abreast.
  Slice<T> next[kDepth];
  float next_signal[kDepth];
  const auto load = [&](int64_t first) {
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t row = first + d * kAbreast + group;
      next[d] = load_slice(x + row * C + place * kSlice, row < rows);
      next_signal[d] = row < rows && place < leads ? signal[row * leads + place] : 0.0f;
    }
  };
  constexpr int kTile = kDepth * kAbreast;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kWarps * kTile;
  int64_t first = (static_cast<int64_t>(blockIdx.x) * kWarps + threadIdx.x / kWarp) * kTile;
  load(first);
  for (; first < rows; first += stride) {
    Slice<T> slices[kDepth];
    float signals[kDepth];
#pragma unroll
    for (int d = 0; d < kDepth; ++d) slices[d] = next[d], signals[d] = next_signal[d];
    load(first + stride);
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t row = first + d * kAbreast + group;
      float v[kSlice], sums[kTargetLanes] = {};
      unpack(slices[d], v);
      const float2 own = centre<kLanes>(v);
#pragma unroll
      for (int t = 0; t < kTargets; ++t) {
#pragma unroll
        for (int i = 0; i < kSlice; ++i) sums[t] = fmaf(weights[t][i], v[i], sums[t]);
        sums[t] = fmaf(sums[t], own.y, of_lead[t] * signals[d]);
      }
      const float value = scatter_sums<kLanes>(sums, place) + constant;
      if (row >= rows) continue;
      if (writes) y[row * targets + target] = value;
      if (statistics != nullptr && place == 0) reinterpret_cast<float2*>(statistics)[row] = own;
    }
  }
}

// dx of head.cuh's input_gradient, and S and D of the rows a block met: partial [blocks][T][C + 1]. As g is linear in dy,
// g - mean(g) comes from weights without their mean; x̂ has none, so that the mean of its product with either is the same.
template <int C, int kTargets, typename T>
PCD_KERNEL void __launch_bounds__(kThreads, kBlocks<kTargets>)
    backward_rows(const T* x, const float* dy, const float* gain, const float* weight, const float* statistics,
                  int64_t rows, int targets, T* dx, float* partial) {
  constexpr int kLanes = C / kSlice, kAbreast = kWarp / kLanes, kDepth = sizeof(T) == 2 ? 2 : 1;
  // gain·W less its mean over channels, by half slices: neighbouring lanes in neighbouring banks.
  __shared__ float4 weights[kTargets][2][kLanes];
  __shared__ float4 warp_sums[kWarps][C / 4];
  __shared__ float slope_sums[kWarps];
  const int place = threadIdx.x % kLanes, lane = threadIdx.x % kWarp, group = lane / kLanes;
  const int warp = threadIdx.x / kWarp;
  for (int i = threadIdx.x; i < kTargets * 2 * kLanes; i += kThreads) {
    const int t = i / (2 * kLanes), c = i % kLanes * kSlice + i / kLanes % 2 * 4;
    float4 w = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    if (t < targets) {
      const float* from = weight + t * C + c;
      w = make_float4(from[0] * gain[c], from[1] * gain[c + 1], from[2] * gain[c + 2], from[3] * gain[c + 3]);
    }
    weights[t][i / kLanes % 2][i % kLanes] = w;
  }
  __syncthreads();
  for (int t = warp; t < kTargets; t += kWarps) {
    const float4 low = weights[t][0][place], high = weights[t][1][place];
    const float sum = (low.x + low.y + low.z + low.w) + (high.x + high.y + high.z + high.w);
    const float mean = row_sum<kLanes>(sum) / C;
    if (group != 0) continue;
    weights[t][0][place] = make_float4(low.x - mean, low.y - mean, low.z - mean, low.w - mean);
    weights[t][1][place] = make_float4(high.x - mean, high.y - mean, high.z - mean, high.w - mean);
  }
  __syncthreads();

  float sums[kTargets][kSlice] = {}, one = 0.0f;  // of the target that has this lane's place
  Slice<T> next[kDepth];
  float next_slopes[kDepth][kTargets];
  float2 next_own[kDepth];
  const auto load = [&](int64_t first) {
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int64_t row = first + d * kAbreast + group;
      const bool inside = row < rows;
      next[d] = load_slice(x + row * C + place * kSlice, inside);
      next_own[d] = inside ? reinterpret_cast<const float2*>(statistics)[row] : make_float2(0.0f, 0.0f);
#pragma unroll
      for (int t = 0; t < kTargets; ++t) {
        next_slopes[d][t] = inside && t < targets ? dy[row * targets + t] : 0.0f;
      }
    }
  };
  constexpr int kTile = kDepth * kAbreast;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kWarps * kTile;
  int64_t first = (static_cast<int64_t>(blockIdx.x) * kWarps + warp) * kTile;
  load(first);
  for (; first < rows; first += stride) {
    float normal[kDepth][kSlice], g[kDepth][kSlice] = {}, slopes[kDepth][kTargets];
    float reciprocal[kDepth];
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      unpack(next[d], normal[d]);
      reciprocal[d] = next_own[d].y;
#pragma unroll
      for (int i = 0; i < kSlice; ++i) normal[d][i] = (normal[d][i] - next_own[d].x) * reciprocal[d];
#pragma unroll
      for (int t = 0; t < kTargets; ++t) slopes[d][t] = next_slopes[d][t];
    }
    load(first + stride);
#pragma unroll
    for (int t = 0; t < kTargets; ++t) {
      const float4 low = weights[t][0][place], high = weights[t][1][place];
      const float w[kSlice] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
#pragma unroll
      for (int d = 0; d < kDepth; ++d) {
        const float slope = slopes[d][t];
        if (place == t) one += slope;
#pragma unroll
        for (int i = 0; i < kSlice; ++i) {
          g[d][i] = fmaf(slope, w[i], g[d][i]);
          sums[t][i] = fmaf(slope, normal[d][i], sums[t][i]);
        }
      }
    }
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      float along = 0.0f;
#pragma unroll
      for (int i = 0; i < kSlice; ++i) along = fmaf(g[d][i], normal[d][i], along);
      along = row_sum<kLanes>(along) / C;
      const int64_t row = first + d * kAbreast + group;
      if (row >= rows) continue;
      float result[kSlice];
#pragma unroll
      for (int i = 0; i < kSlice; ++i) result[i] = reciprocal[d] * (g[d][i] - normal[d][i] * along);
      store_slice(dx + row * C + place * kSlice, result);
    }
  }

  // The rows abreast by a tree, the warps in order.
  float* own = partial + static_cast<int64_t>(blockIdx.x) * targets * (C + 1);
  one = sum_across_rows<kLanes>(one);
#pragma unroll
  for (int t = 0; t < kTargets; ++t) {
    float total[kSlice];
#pragma unroll
    for (int i = 0; i < kSlice; ++i) total[i] = sum_across_rows<kLanes>(sums[t][i]);
    __syncthreads();
    if (group == 0) {
      warp_sums[warp][2 * place] = make_float4(total[0], total[1], total[2], total[3]);
      warp_sums[warp][2 * place + 1] = make_float4(total[4], total[5], total[6], total[7]);
    }
    if (lane == t) slope_sums[warp] = one;
    __syncthreads();
    if (t >= targets) continue;
    for (int c = threadIdx.x; c <= C; c += kThreads) {
      float sum = 0.0f;
      for (int w = 0; w < kWarps; ++w) sum += c < C ? reinterpret_cast<const float*>(warp_sums[w])[c] : slope_sums[w];
      own[t * (C + 1) + c] = sum;
    }
  }
}

}  // namespace pcd::kernels::head

#endif
