// SPDX-License-Identifier: Apache-2.0
//
// Matrix instructions on IEEE half and on bit sets, beside those of mma.cuh; places of fragments are the same there.
#ifndef PCD_KERNELS_COMMON_MMA_HALF_CUH
#define PCD_KERNELS_COMMON_MMA_HALF_CUH

#include <cuda_fp16.h>

#include "common/mma.cuh"

namespace pcd::kernels {

// ---- d += a·b, m16n8k16, half operands, fp32 sums (sm_80)
PCD_DEVICE void mma_f16(float* d, const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
#if PCD_HAVE_SM80
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  (void)d, (void)a, (void)b0, (void)b1;
#endif
}

// ---- d[16, 8] += popcount(a_row & b_column) of 128-bit sets: a[0], a[1] are word q of rows g and g + 8, b word q of
// column g (sm_80)
PCD_DEVICE void mma_and_popc(int32_t (&d)[4], const uint32_t (&a)[2], uint32_t b) {
#if PCD_HAVE_SM80
  asm volatile(
      "mma.sync.aligned.m16n8k128.row.col.s32.b1.b1.s32.and.popc {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
      : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(b));
#else
  (void)d, (void)a, (void)b;
#endif
}

// ---- wgmma m64n64k16 on halves (sm_90a). kFresh: the result replaces d. kTransposed: b lies [k, n], each row 128
// bytes of n in 128-byte swizzle, rows in groups of eight 1024 bytes apart; else [n, k] as in wgmma_descriptor.
template <bool kFresh, bool kTransposed>
PCD_DEVICE void wgmma_f16(float (&d)[32], const uint32_t (&a)[4], uint64_t b) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {" PCD_NAMES_0
               "}, {%32,%33,%34,%35}, %36, %37, 1, 1, %38;"
               : PCD_REGISTERS_32(0)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "n"(kFresh ? 0 : 1), "n"(kTransposed ? 1 : 0));
#else
  (void)d, (void)a, (void)b;
#endif
}
// The same with a [64 rows, k] in shared memory, as in wgmma_descriptor.
template <bool kFresh>
PCD_DEVICE void wgmma_f16(float (&d)[32], uint64_t a, uint64_t b) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {" PCD_NAMES_0 "}, %32, %33, %34, 1, 1, 0, 0;"
               : PCD_REGISTERS_32(0)
               : "l"(a), "l"(b), "n"(kFresh ? 0 : 1));
#else
  (void)d, (void)a, (void)b;
#endif
}

// ---- results of wgmma may be read after a wait only: keeps the compiler from moving uses of d before it
template <int N>
PCD_DEVICE void wgmma_results(float (&d)[N]) {
#pragma unroll
  for (int i = 0; i < N; ++i) asm volatile("" : "+f"(d[i])::"memory");
}

// ---- arrives at a counter that awaits no bytes (sm_90)
PCD_DEVICE void count_arrive(uint32_t counter) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(counter) : "memory");
#else
  (void)counter;
#endif
}

// ---- 2^x within 2 units in the last place; 0 for -infinity.
PCD_DEVICE float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
// ---- 1/x within 1 unit in the last place.
PCD_DEVICE float reciprocal_fast(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// ---- two floats as a pair of halves, the first in the low bits, and back.
PCD_DEVICE uint32_t pack_half(float low, float high) {
  const __half2 pair = __floats2half2_rn(low, high);
  return *reinterpret_cast<const uint32_t*>(&pair);
}
PCD_DEVICE float2 unpack_half(uint32_t pair) { return __half22float2(*reinterpret_cast<const __half2*>(&pair)); }

}  // namespace pcd::kernels

#endif
