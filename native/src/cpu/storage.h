// SPDX-License-Identifier: Apache-2.0
//
// Activations [B, L, C] are stored as floats or as Bf16; arithmetic is on floats. An op that is a template over
// the type of storage reads through `widen`, computes where `place` says and ends with `narrow`: with floats all
// three name the stored memory itself and cost nothing, with Bf16 they go through the op's scratch memory, which
// is small enough to stay in a near cache.
#ifndef PCD_CPU_STORAGE_H
#define PCD_CPU_STORAGE_H

#include <cstdint>

#include "core/buffer.h"
#include "cpu/bf16.h"
#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

// n stored values as floats: in place, or in `scratch`.
inline const float* widen(const float* stored, int64_t, float*) { return stored; }
inline const float* widen(const Bf16* stored, int64_t n, float* scratch) {
  int64_t i = 0;
  for (; i + W <= n; i += W) store(scratch + i, load_upper(stored + i));
  for (; i < n; ++i) scratch[i] = static_cast<float>(stored[i]);
  return scratch;
}

// Where values that will be stored at `stored` are computed.
inline float* place(float* stored, float*) { return stored; }
inline float* place(Bf16*, float* scratch) { return scratch; }

// Brings n values from their place to where they are stored.
inline void narrow(const float*, int64_t, float*) {}
inline void narrow(const float* values, int64_t n, Bf16* stored) {
  int64_t i = 0;
#if defined(__AVX512BW__)
  // Two vectors at a time. Clamping what is not a number keeps it one when the rounding is added, and changes
  // nothing else; the permutation takes the upper halves.
  alignas(64) static constexpr uint16_t upper_halves[32] = {1,  3,  5,  7,  9,  11, 13, 15, 17, 19, 21,
                                                            23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43,
                                                            45, 47, 49, 51, 53, 55, 57, 59, 61, 63};
  const __m512i order = _mm512_load_si512(upper_halves);
  const auto round = [](const float* from) PCD_INLINE_LAMBDA {
    __m512i u = _mm512_loadu_si512(from);
    u = _mm512_min_epi32(u, _mm512_set1_epi32(0x7fff7fff));
    u = _mm512_min_epu32(u, _mm512_set1_epi32(static_cast<int32_t>(0xffff7fffu)));
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(1));
    return _mm512_add_epi32(_mm512_add_epi32(u, _mm512_set1_epi32(0x7fff)), odd);
  };
  for (; i + 32 <= n; i += 32) {
    _mm512_storeu_si512(stored + i, _mm512_permutex2var_epi16(round(values + i), order, round(values + i + 16)));
  }
#endif
#pragma omp simd
  for (int64_t k = i; k < n; ++k) stored[k].assign(values[k]);
}

// One value, for ops that go over elements.
inline void assign(float& stored, float value) { stored = value; }
inline void assign(Bf16& stored, float value) { stored.assign(value); }

// Calls op(S()) with the type of storage of an activation.
template <class Op>
auto with_storage(const pcd_tensor& activation, Op&& op) {
  return activation.dtype == PCD_DTYPE_BF16 ? op(Bf16()) : op(float());
}

}  // namespace pcd::cpu::PCD_ISA

#endif
