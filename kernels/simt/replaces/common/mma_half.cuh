// SPDX-License-Identifier: Apache-2.0
//
// Stands in the SIMT executor's builds where kernels/common/mma_half.cuh stands in CUDA's; see mma.cuh beside
// it.
#ifndef PCD_KERNELS_COMMON_MMA_HALF_CUH
#define PCD_KERNELS_COMMON_MMA_HALF_CUH

#include "common/mma.cuh"

namespace pcd::kernels {

PCD_DEVICE void mma_f16(float* d, const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  simt::require(80, "mma.sync m16n8k16 of halves");
  simt::MmaOperands own{d, a, {b0, b1}};
  simt::warp_collective("mma.sync of halves", simt::kAllLanes, &own, combine_mma<simt::Format::half>);
}

inline void combine_and_popc(void* const* arguments, uint32_t mask) {
  const simt::BitOperands* lanes[simt::kLanes];
  gather(arguments, mask, lanes);
  simt::mma_and_popc(lanes);
}
PCD_DEVICE void mma_and_popc(int32_t (&d)[4], const uint32_t (&a)[2], uint32_t b) {
  simt::require(80, "mma.sync of bits with and.popc");
  simt::BitOperands own{d, a, b};
  simt::warp_collective("mma.sync of bits", simt::kAllLanes, &own, combine_and_popc);
}

template <bool kFresh, bool kTransposed>
PCD_DEVICE void wgmma_f16(float (&d)[32], const uint32_t (&a)[4], uint64_t b) {
  simt::wgmma({simt::Format::half, 64, kFresh, kTransposed, false, 0, b}, d, a);
}
template <bool kFresh>
PCD_DEVICE void wgmma_f16(float (&d)[32], uint64_t a, uint64_t b) {
  simt::wgmma({simt::Format::half, 64, kFresh, false, true, a, b}, d, nullptr);
}
template <int N>
PCD_DEVICE void wgmma_results(float (&d)[N]) {
  simt::wgmma_results(d);
}

PCD_DEVICE void count_arrive(uint32_t counter) { simt::counter_arrive(counter); }

// Subnormal results are 0, as with .ftz.
PCD_DEVICE float exp2_fast(float x) {
  const float y = std::exp2(x);
  return y < 0x1p-126f ? 0.0f : y;
}
PCD_DEVICE float reciprocal_fast(float x) { return 1.0f / x; }

PCD_DEVICE uint32_t pack_half(float low, float high) {
  return static_cast<uint32_t>(simt::float_to_half(high)) << 16 | simt::float_to_half(low);
}
PCD_DEVICE float2 unpack_half(uint32_t pair) {
  return make_float2(simt::half_to_float(static_cast<uint16_t>(pair)),
                     simt::half_to_float(static_cast<uint16_t>(pair >> 16)));
}

}  // namespace pcd::kernels

#endif
