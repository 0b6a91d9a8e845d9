// SPDX-License-Identifier: Apache-2.0
//
// Rows of C channels by slices: a lane holds eight neighbouring channels, C/8 lanes a row, so that a warp reads whole
// rows by 16 bytes a lane (32 in fp32) and a lane meets the same channels in every row. For C = 64, 128, 256.
#ifndef PCD_KERNELS_COMMON_ROW_SLICES_CUH
#define PCD_KERNELS_COMMON_ROW_SLICES_CUH

#include "common/layer_norm.cuh"
#include "common/mma.cuh"

namespace pcd::kernels {

constexpr int kSlice = 8;

// A slice as it lies in memory.
template <typename T>
struct Slice;
template <>
struct Slice<bf16> {
  uint4 words;
};
template <>
struct Slice<float> {
  float4 low, high;
};

// Slices begin at multiples of their size: activations do at 16 bytes, and rows are multiples of that.
PCD_DEVICE Slice<bf16> load_slice(const bf16* from) { return {*reinterpret_cast<const uint4*>(from)}; }
PCD_DEVICE Slice<float> load_slice(const float* from) {
  return {*reinterpret_cast<const float4*>(from), *reinterpret_cast<const float4*>(from + 4)};
}
// The slice, or zeros where there is none.
template <typename T>
PCD_DEVICE Slice<T> load_slice(const T* from, bool inside) {
  Slice<T> slice{};
  if (inside) slice = load_slice(from);
  return slice;
}

PCD_DEVICE void unpack(const Slice<bf16>& slice, float (&v)[kSlice]) {
  v[0] = low_bf16(slice.words.x), v[1] = high_bf16(slice.words.x);
  v[2] = low_bf16(slice.words.y), v[3] = high_bf16(slice.words.y);
  v[4] = low_bf16(slice.words.z), v[5] = high_bf16(slice.words.z);
  v[6] = low_bf16(slice.words.w), v[7] = high_bf16(slice.words.w);
}
PCD_DEVICE void unpack(const Slice<float>& slice, float (&v)[kSlice]) {
  v[0] = slice.low.x, v[1] = slice.low.y, v[2] = slice.low.z, v[3] = slice.low.w;
  v[4] = slice.high.x, v[5] = slice.high.y, v[6] = slice.high.z, v[7] = slice.high.w;
}

PCD_DEVICE void store_slice(bf16* to, const float (&v)[kSlice]) {
  *reinterpret_cast<uint4*>(to) =
      make_uint4(pack_bf16(v[0], v[1]), pack_bf16(v[2], v[3]), pack_bf16(v[4], v[5]), pack_bf16(v[6], v[7]));
}
PCD_DEVICE void store_slice(float* to, const float (&v)[kSlice]) {
  *reinterpret_cast<float4*>(to) = make_float4(v[0], v[1], v[2], v[3]);
  *reinterpret_cast<float4*>(to + 4) = make_float4(v[4], v[5], v[6], v[7]);
}

// Sum over the kLanes lanes of a row, in a fixed order; each of them has it.
template <int kLanes>
PCD_DEVICE float row_sum(float x) {
#pragma unroll
  for (int offset = kLanes / 2; offset > 0; offset /= 2) x += __shfl_xor_sync(kFullMask, x, offset);
  return x;
}

// Sum over the rows that lie in a warp side by side; each lane has that of its own channel.
template <int kLanes>
PCD_DEVICE float sum_across_rows(float x) {
#pragma unroll
  for (int offset = kWarp / 2; offset >= kLanes; offset /= 2) x += __shfl_xor_sync(kFullMask, x, offset);
  return x;
}

// Takes a row's mean off its slices; the mean and the reciprocal deviation, as row_statistics has them.
template <int kLanes>
PCD_DEVICE float2 centre(float (&v)[kSlice]) {
  constexpr float kShare = 1.0f / (kLanes * kSlice);
  float sum = 0.0f, square = 0.0f;
#pragma unroll
  for (int i = 0; i < kSlice; ++i) sum += v[i];
  const float mean = row_sum<kLanes>(sum) * kShare;
#pragma unroll
  for (int i = 0; i < kSlice; ++i) {
    v[i] -= mean;
    square = fmaf(v[i], v[i], square);
  }
  return make_float2(mean, rsqrtf(row_sum<kLanes>(square) * kShare + kVarianceFloor));
}

}  // namespace pcd::kernels

#endif
