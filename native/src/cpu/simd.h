// SPDX-License-Identifier: Apache-2.0
//
// One vector of floats, `vf`, of the width of the instruction set this file is compiled for: 16 (AVX-512), 8 (AVX2)
// or 4 (anything else). Operators are the compiler's (GCC and Clang vector extensions); this file adds what they lack.
//
// Files that include this header are compiled once per instruction set with PCD_ISA = avx512, avx2 or baseline and
// put everything into namespace pcd::cpu::PCD_ISA. They must not emit inline functions of other namespaces (standard
// containers, strings): the linker keeps one copy of such a function, which may then hold instructions that the
// machine at hand does not have.
#ifndef PCD_CPU_SIMD_H
#define PCD_CPU_SIMD_H

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
// GCC 12's own intrinsics pass deliberately undefined registers and are warned of once inlined (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

#if !defined(PCD_ISA)
#error "compile with -DPCD_ISA=avx512, avx2 or baseline"
#endif

#define PCD_INLINE inline __attribute__((always_inline))

namespace pcd::cpu::PCD_ISA {

#if defined(__AVX512F__)
constexpr int W = 16;
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int W = 8;
#else
constexpr int W = 4;
#endif

typedef float vf __attribute__((vector_size(W * 4)));
typedef int32_t vi __attribute__((vector_size(W * 4)));
typedef float vf_unaligned __attribute__((vector_size(W * 4), aligned(4), may_alias));

PCD_INLINE vf broadcast(float x) { return x - vf{}; }
PCD_INLINE vf zero() { return vf{}; }
PCD_INLINE vi bits(vf x) { return reinterpret_cast<vi>(x); }
PCD_INLINE vf from_bits(vi x) { return reinterpret_cast<vf>(x); }

PCD_INLINE vf load(const float* p) { return *reinterpret_cast<const vf_unaligned*>(p); }
PCD_INLINE void store(float* p, vf x) { *reinterpret_cast<vf_unaligned*>(p) = x; }

// a * b + c, in one rounding where the instruction set has it.
PCD_INLINE vf fma(vf a, vf b, vf c) {
#if defined(__AVX512F__)
  return reinterpret_cast<vf>(_mm512_fmadd_ps(a, b, c));
#elif defined(__AVX2__) && defined(__FMA__)
  return reinterpret_cast<vf>(_mm256_fmadd_ps(a, b, c));
#else
  return a * b + c;
#endif
}

// Lane-wise minimum and maximum; where one side is NaN the result is the second argument.
PCD_INLINE vf min(vf a, vf b) {
#if defined(__AVX512F__)
  return _mm512_min_ps(a, b);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_min_ps(a, b);
#else
  return a < b ? a : b;
#endif
}
PCD_INLINE vf max(vf a, vf b) {
#if defined(__AVX512F__)
  return _mm512_max_ps(a, b);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}

PCD_INLINE vf abs(vf x) { return from_bits(bits(x) & 0x7fffffff); }

// Nearest integer, ties to even; |x| < 2^22.
PCD_INLINE vf round_nearest(vf x) {
#if defined(__AVX512F__)
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  // Adding 1.5 · 2^23 leaves no bits for a fraction. The compiler must not fold the pair away.
  vf shifted = x + 12582912.0f;
  asm("" : "+m"(shifted));
  return shifted - 12582912.0f;
#endif
}

PCD_INLINE vi to_int(vf x) { return __builtin_convertvector(x, vi); }  // truncates
PCD_INLINE vf to_float(vi x) { return __builtin_convertvector(x, vf); }

PCD_INLINE vf sqrt(vf x) {
#if defined(__AVX512F__)
  return _mm512_sqrt_ps(x);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_sqrt_ps(x);
#else
  vf y;
  for (int i = 0; i < W; ++i) y[i] = __builtin_sqrtf(x[i]);
  return y;
#endif
}

// First n lanes (0 <= n <= W) of memory; the other lanes are 0 and their memory is not touched.
PCD_INLINE vf load_partial(const float* p, int64_t n) {
#if defined(__AVX512F__)
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
#elif defined(__AVX2__) && defined(__FMA__)
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane));
#else
  vf x = zero();
  for (int i = 0; i < W; ++i) {
    if (i < n) x[i] = p[i];
  }
  return x;
#endif
}

PCD_INLINE void store_partial(float* p, vf x, int64_t n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), x);
#elif defined(__AVX2__) && defined(__FMA__)
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane), x);
#else
  for (int i = 0; i < W; ++i) {
    if (i < n) p[i] = x[i];
  }
#endif
}

// x in the first n lanes, 0 in the others.
PCD_INLINE vf keep_first(vf x, int64_t n) {
#if defined(__AVX512F__)
  return _mm512_maskz_mov_ps(static_cast<__mmask16>((1u << n) - 1), x);
#else
  vf y = x;
  for (int i = 0; i < W; ++i) y[i] = i < n ? x[i] : 0.0f;
  return y;
#endif
}

// Sum and maximum of the lanes by halving (lane i with lane i + W/2, and so on): a fixed order.
PCD_INLINE float sum(vf x) {
#if defined(__AVX512F__)
  const __m256 h = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_shuffle_ps(q, q, 1)));
#elif defined(__AVX2__) && defined(__FMA__)
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_shuffle_ps(q, q, 1)));
#else
  return (x[0] + x[2]) + (x[1] + x[3]);
#endif
}
PCD_INLINE float largest(vf x) {
  float y = x[0];
  for (int i = 1; i < W; ++i) y = x[i] > y ? x[i] : y;
  return y;
}

}  // namespace pcd::cpu::PCD_ISA

#endif
