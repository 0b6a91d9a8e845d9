// SPDX-License-Identifier: Apache-2.0
//
// One vector of floats, `vf`, of the width of the instruction set this file is compiled for: 16 (AVX-512), 8
// (AVX2) or 4 (anything else). Operators are the compiler's (GCC and Clang vector extensions); this file adds
// what they lack.
//
// Files that include this header are compiled once per instruction set with PCD_ISA = avx512vnni, avx512, avx2
// or baseline and put everything into namespace pcd::cpu::PCD_ISA. They must not emit inline functions of other
// namespaces (standard containers, strings): the linker keeps one copy of such a function, which may then
// hold instructions that the machine at hand does not have.
#ifndef PCD_CPU_SIMD_H
#define PCD_CPU_SIMD_H

#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
// GCC 12's own intrinsics pass deliberately undefined registers and are warned of once inlined (GCC bug
// 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

#if !defined(PCD_ISA)
#error "compile with -DPCD_ISA=avx512vnni, avx512, avx2 or baseline"
#endif

#define PCD_INLINE inline __attribute__((always_inline))
#define PCD_INLINE_LAMBDA __attribute__((always_inline))  // between a lambda's parameters and its body

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
typedef int32_t vi_unaligned __attribute__((vector_size(W * 4), aligned(4), may_alias));

PCD_INLINE vf broadcast(float x) { return x - vf{}; }
PCD_INLINE vi broadcast(int32_t x) { return x - vi{}; }
PCD_INLINE vf zero() { return vf{}; }
PCD_INLINE vi bits(vf x) { return reinterpret_cast<vi>(x); }
PCD_INLINE vf from_bits(vi x) { return reinterpret_cast<vf>(x); }

PCD_INLINE vf load(const float* p) { return *reinterpret_cast<const vf_unaligned*>(p); }
PCD_INLINE vi load_int(const void* p) { return *reinterpret_cast<const vi_unaligned*>(p); }
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

// Each lane of a and b holds two 16-bit integers: acc + the sum of their products.
PCD_INLINE vi dot2(vi a, vi b, vi acc) {
#if defined(__AVX512VNNI__)
  asm("vpdpwssd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(b));  // GCC 12 copies the intrinsic's accumulator about
  return acc;
#elif defined(__AVX512BW__)
  return acc + reinterpret_cast<vi>(_mm512_madd_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__) && defined(__FMA__)
  return acc + reinterpret_cast<vi>(_mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif defined(__SSE2__)
  return acc + reinterpret_cast<vi>(_mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return acc + (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
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

PCD_INLINE vi max(vi a, vi b) {
#if defined(__AVX512F__)
  return reinterpret_cast<vi>(_mm512_max_epi32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
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

// To the nearest integer; what is out of range becomes any integer.
PCD_INLINE vi round_to_int(vf x) {
#if defined(__AVX512F__)
  return reinterpret_cast<vi>(_mm512_cvtps_epi32(x));
#elif defined(__AVX2__) && defined(__FMA__)
  return reinterpret_cast<vi>(_mm256_cvtps_epi32(x));
#elif defined(__SSE2__)
  return reinterpret_cast<vi>(_mm_cvtps_epi32(x));
#else
  return __builtin_convertvector(round_nearest(x), vi);
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

// sum(x[0]) .. sum(x[3]), bit for bit, in one quarter of the instructions.
typedef float v4 __attribute__((vector_size(16)));
PCD_INLINE v4 sum4(vf x0, vf x1, vf x2, vf x3) {
#if defined(__AVX2__) && defined(__FMA__)
  const auto quarter = [](vf x) PCD_INLINE_LAMBDA {
#if defined(__AVX512F__)
    const __m256 h = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
#else
    const __m256 h = x;
#endif
    return _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  };
  const __m128 a = quarter(x0);
  const __m128 b = quarter(x1);
  const __m128 c = quarter(x2);
  const __m128 d = quarter(x3);
  const __m128 ab = _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
  const __m128 cd = _mm_add_ps(_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
  return _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab));
#else
  return v4{sum(x0), sum(x1), sum(x2), sum(x3)};
#endif
}

PCD_INLINE v4 sqrt4(v4 x) {
#if defined(__x86_64__)
  return _mm_sqrt_ps(x);
#else
  return v4{__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]), __builtin_sqrtf(x[3])};
#endif
}

PCD_INLINE float largest(vf x) {
  float y = x[0];
  for (int i = 1; i < W; ++i) y = x[i] > y ? x[i] : y;
  return y;
}

PCD_INLINE int32_t largest(vi x) {
#if defined(__AVX512F__)
  return _mm512_reduce_max_epi32(reinterpret_cast<__m512i>(x));
#else
  int32_t y = x[0];
  for (int i = 1; i < W; ++i) y = x[i] > y ? x[i] : y;
  return y;
#endif
}

// The floats whose upper halves lie at p, their lower halves 0.
PCD_INLINE vf load_upper(const void* p) {
#if defined(__AVX512F__)
  const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(static_cast<const __m256i*>(p)));
  return from_bits(reinterpret_cast<vi>(wide) << 16);
#elif defined(__AVX2__) && defined(__FMA__)
  const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p)));
  return from_bits(reinterpret_cast<vi>(wide) << 16);
#else
  typedef uint16_t upper __attribute__((vector_size(W * 2)));
  upper u;
  std::memcpy(&u, p, sizeof u);
  return from_bits(__builtin_convertvector(u, vi) << 16);
#endif
}

// Calls f(Index<0>()) .. f(Index<n - 1>()): a loop whose index is a constant in the body, so that arrays of
// vectors that it indexes live in registers.
template <int i>
struct Index {
  static constexpr int value = i;
};

template <class F, int... i>
PCD_INLINE void unrolled(std::integer_sequence<int, i...>, F&& f) {
  (f(Index<i>()), ...);
}
template <int n, class F>
PCD_INLINE void unrolled(F&& f) {
  unrolled(std::make_integer_sequence<int, n>(), f);
}

// Calls f(i, left) for every vector of a row: i its first channel, left how many of its lanes exist.
template <class F>
PCD_INLINE void each_vector(int64_t c, F&& f) {
  int64_t i = 0;
  for (; i + W <= c; i += W) f(i, int64_t{W});
  if (i < c) f(i, c - i);
}

// Stores a, then b, as 16-bit integers, which they fit.
PCD_INLINE void store_halves(int16_t* p, vi a, vi b) {
#if defined(__AVX512BW__)
  const __m512i packed = _mm512_packs_epi32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b));
  // Packing works within each 128 bits: quarters of a and b alternate.
  _mm512_storeu_si512(p, _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), packed));
#else
  typedef int16_t halves __attribute__((vector_size(W * 2)));
  typedef int16_t halves_unaligned __attribute__((vector_size(W * 2), aligned(2), may_alias));
  *reinterpret_cast<halves_unaligned*>(p) = __builtin_convertvector(a, halves);
  *reinterpret_cast<halves_unaligned*>(p + W) = __builtin_convertvector(b, halves);
#endif
}

// K vectors that go through the same arithmetic in lockstep. A long chain of dependent operations on one
// vector leaves the units idle; with K chains interleaved in program order they are busy.
template <int K>
struct Wide {
  vf v[K];
};

#define PCD_WIDE_OPERATOR(op)                                                                    \
  template <int K>                                                                               \
  PCD_INLINE Wide<K> operator op(const Wide<K>& a, const Wide<K>& b) {                           \
    Wide<K> y;                                                                                   \
    unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = a.v[i.value] op b.v[i.value]; }); \
    return y;                                                                                    \
  }                                                                                              \
  template <int K>                                                                               \
  PCD_INLINE Wide<K> operator op(const Wide<K>& a, vf b) {                                       \
    Wide<K> y;                                                                                   \
    unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = a.v[i.value] op b; });            \
    return y;                                                                                    \
  }
PCD_WIDE_OPERATOR(+)
PCD_WIDE_OPERATOR(-)
PCD_WIDE_OPERATOR(*)
PCD_WIDE_OPERATOR(/)
#undef PCD_WIDE_OPERATOR

template <int K>
PCD_INLINE Wide<K> operator-(vf a, const Wide<K>& b) {
  Wide<K> y;
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = a - b.v[i.value]; });
  return y;
}
template <int K>
PCD_INLINE Wide<K> operator/(vf a, const Wide<K>& b) {
  Wide<K> y;
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = a / b.v[i.value]; });
  return y;
}
template <int K>
PCD_INLINE Wide<K> fma(const Wide<K>& a, const Wide<K>& b, const Wide<K>& c) {
  Wide<K> y;
  unrolled<K>([&](auto i)
                  PCD_INLINE_LAMBDA { y.v[i.value] = fma(a.v[i.value], b.v[i.value], c.v[i.value]); });
  return y;
}
template <int K>
PCD_INLINE Wide<K> fma(const Wide<K>& a, const Wide<K>& b, vf c) {
  Wide<K> y;
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = fma(a.v[i.value], b.v[i.value], c); });
  return y;
}
template <int K>
PCD_INLINE Wide<K> fma(const Wide<K>& a, vf b, vf c) {
  Wide<K> y;
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = fma(a.v[i.value], b, c); });
  return y;
}
template <int K>
PCD_INLINE Wide<K> min(vf a, const Wide<K>& b) {
  Wide<K> y;
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = min(a, b.v[i.value]); });
  return y;
}
template <int K>
PCD_INLINE Wide<K> max(vf a, const Wide<K>& b) {
  Wide<K> y;
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = max(a, b.v[i.value]); });
  return y;
}
}  // namespace pcd::cpu::PCD_ISA

#endif
