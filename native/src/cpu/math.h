// SPDX-License-Identifier: Apache-2.0
//
// Elementary functions on vectors. Stated errors are the largest ones against fp64 over the stated range,
// with FMA; without FMA add half as much. Polynomials are minimax fits (Remez) of the reduced functions.
#ifndef PCD_CPU_MATH_H
#define PCD_CPU_MATH_H

#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {

// x · 2^n for integral n in [-252, 254]: two factors, so that neither overflows before the product does.
PCD_INLINE vf scale_by_power(vf x, vf n) {
#if defined(__AVX512F__)
  return _mm512_scalef_ps(x, n);
#else
  const vi k = to_int(n);
  const vi half = k >> 1;
  return x * from_bits((half + 127) << 23) * from_bits((k - half + 127) << 23);
#endif
}

// The functions below that take a V are for vf and Wide<K>. Their `quick` forms serve results that are rounded to
// twelve bits or fewer.

// 2^f for |f| <= 0.5; relative error 8e-8 before rounding, 8e-5 when quick.
template <bool quick = false, class V>
PCD_INLINE V exp2_reduced(const V& f) {
  if constexpr (quick) {
    const V q = fma(f, broadcast(0.055171669f), broadcast(0.24261113f));
    return fma(f, fma(f, q, broadcast(0.69326097f)), broadcast(0.99992806f));
  }
  V p = fma(f, broadcast(0.0013276472f), broadcast(0.009675541f));
  p = fma(f, p, broadcast(0.05550713f));
  p = fma(f, p, broadcast(0.2402212f));
  p = fma(f, p, broadcast(0.69314694f));
  return fma(f, p, broadcast(1.0f));
}

// 2^t for |t| <= 125, 3 ulp. (AVX-512: any finite t, with 0 and infinity beyond the range of floats.)
template <bool quick = false>
PCD_INLINE vf exp2_limited(vf t) {
#if defined(__AVX512F__)
  const vf n = round_nearest(t);
  return _mm512_scalef_ps(exp2_reduced<quick, vf>(t - n), n);
#else
  // Adding 1.5 · 2^23 rounds t to an integer n and leaves n in the low bits, to be added to the exponent.
  vf shifted = t + 12582912.0f;
  asm("" : "+x"(shifted));
  const vf p = exp2_reduced<quick, vf>(t - (shifted - 12582912.0f));
  return from_bits(bits(p) + (bits(shifted) << 23));
#endif
}
template <bool quick = false, int K>
PCD_INLINE Wide<K> exp2_limited(const Wide<K>& t) {
  Wide<K> y;
#if defined(__AVX512F__)
  Wide<K> n;
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { n.v[i.value] = round_nearest(t.v[i.value]); });
  const Wide<K> p = exp2_reduced<quick, Wide<K>>(t - n);
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = _mm512_scalef_ps(p.v[i.value], n.v[i.value]); });
#else
  unrolled<K>([&](auto i) PCD_INLINE_LAMBDA { y.v[i.value] = exp2_limited<quick>(t.v[i.value]); });
#endif
  return y;
}

// e^x; 2 ulp for |x| <= 87. Below -104: 0; above 88.73: infinity; NaN stays NaN.
PCD_INLINE vf exp(vf x) {
  const vf limited = min(broadcast(89.0f), max(broadcast(-104.0f), x));
  const vf n = round_nearest(limited * 1.44269504f);
  // ln 2 in two parts, the first with few bits, so that n · ln2 is exact.
  vf r = fma(n, broadcast(-0.693145752f), limited);
  r = fma(n, broadcast(-1.42860677e-6f), r);
  // e^r = 1 + r + r²·p(r)
  vf p = fma(r, broadcast(0.0013901287f), broadcast(0.008363146f));
  p = fma(r, p, broadcast(0.041666854f));
  p = fma(r, p, broadcast(0.16666578f));
  p = fma(r, p, broadcast(0.5f));
  p = fma(r * r, p, r);
  return scale_by_power(p + 1.0f, n);
}

// Natural logarithm; 2 ulp for normal x > 0 (denormal numbers count as the smallest normal one).
// 0 gives -infinity, x < 0 NaN, infinity infinity, NaN NaN.
PCD_INLINE vf log(vf x) {
  const vf normal = max(x, broadcast(1.17549435e-38f));
  // x = 2^e · (1 + m), 1 + m in [sqrt(1/2), sqrt(2))
  const vi raw = bits(normal) - 0x3f3504f3;
  const vf e = to_float(raw >> 23);
  const vf m = from_bits((raw & 0x7fffff) + 0x3f3504f3) - 1.0f;
  vf p = fma(m, broadcast(0.07037683f), broadcast(-0.115146086f));
  p = fma(m, p, broadcast(0.116769984f));
  p = fma(m, p, broadcast(-0.12420141f));
  p = fma(m, p, broadcast(0.14249323f));
  p = fma(m, p, broadcast(-0.16668057f));
  p = fma(m, p, broadcast(0.20000714f));
  p = fma(m, p, broadcast(-0.24999994f));
  p = fma(m, p, broadcast(0.3333333f));
  const vf m2 = m * m;
  vf y = fma(p * m, m2, e * -2.12194440e-4f);
  y = fma(m2, broadcast(-0.5f), y);
  y = fma(e, broadcast(0.693359375f), m + y);
  const vf infinity = broadcast(__builtin_inff());
  y = x < infinity ? y : x;  // infinity and NaN
  y = x > 0.0f ? y : (x < 0.0f ? broadcast(__builtin_nanf("")) : (x == 0.0f ? -infinity : y));
  return y;
}

// log(1 + x) for x >= 0; 3 ulp.
PCD_INLINE vf log1p(vf x) {
  const vf w = x + 1.0f;
  return log(w) + (x - (w - 1.0f)) / w;
}

// 1 / (1 + e^-x); 3 ulp where the result is a normal number.
PCD_INLINE vf sigmoid(vf x) { return 1.0f / (exp(-x) + 1.0f); }

// log(1 + e^x); 4 ulp for x >= -80.
PCD_INLINE vf softplus(vf x) { return max(x, zero()) + log1p(exp(-abs(x))); }

// e^(-2u), at most 2^125 (quick: 2^30), with u = sqrt(2/pi)·(v + 0.044715·v³): (1 + tanh u)/2 = 1/(1 + e^(-2u)).
// NaN passes; |v| < 1e12.
template <bool quick, class V>
PCD_INLINE V gelu_exponential(const V& v) {
  const V t = v * fma(v * v, broadcast(-0.102943240f), broadcast(-2.302208198f));  // -2·log2(e)·u
  const vf most = broadcast(quick ? 30.0f : 125.0f);
#if defined(__AVX512F__)
  return exp2_limited<quick>(min(most, t));
#else
  return exp2_limited<quick>(min(most, max(broadcast(-125.0f), t)));
#endif
}

// 1/d for d in [1, 2^31]; one division for up to four vectors, since divisions cost as much as many products.
PCD_INLINE vf shared_reciprocal(vf d) { return 1.0f / d; }
PCD_INLINE Wide<1> shared_reciprocal(const Wide<1>& d) { return {{1.0f / d.v[0]}}; }
PCD_INLINE Wide<2> shared_reciprocal(const Wide<2>& d) {
  const vf both = 1.0f / (d.v[0] * d.v[1]);
  return {{both * d.v[1], both * d.v[0]}};
}
PCD_INLINE Wide<3> shared_reciprocal(const Wide<3>& d) {
  const Wide<2> two = shared_reciprocal(Wide<2>{{d.v[0] * d.v[1], d.v[2]}});
  return {{two.v[0] * d.v[1], two.v[0] * d.v[0], two.v[1]}};
}
PCD_INLINE Wide<4> shared_reciprocal(const Wide<4>& d) {
  const Wide<2> two = shared_reciprocal(Wide<2>{{d.v[0] * d.v[1], d.v[2] * d.v[3]}});
  return {{two.v[0] * d.v[1], two.v[0] * d.v[0], two.v[1] * d.v[3], two.v[1] * d.v[2]}};
}

// GELU in the tanh form, 0.5·v·(1 + tanh u); error at most 2e-7·|v|, quick 3e-5·|v|. In the quick form a NaN may
// spread to the other vectors of a Wide.
template <bool quick = false, class V>
PCD_INLINE V gelu(const V& v) {
  const V denominator = gelu_exponential<quick>(v) + broadcast(1.0f);
  if constexpr (quick) {
    return v * shared_reciprocal(denominator);
  } else {
    return v / denominator;
  }
}

// GELU and its derivative s + v·s·(1 - s)·2·du/dv, s = (1 + tanh u)/2; error of the derivative at most 4e-7, quick
// 5e-5.
template <bool quick = false, class V>
PCD_INLINE V gelu_with_derivative(const V& v, V& derivative) {
  const V e = gelu_exponential<quick>(v);
  const V denominator = e + broadcast(1.0f);
  V s;
  if constexpr (quick) {
    s = shared_reciprocal(denominator);
  } else {
    s = broadcast(1.0f) / denominator;
  }
  const V slope = fma(v * v, broadcast(0.214064449f), broadcast(1.595769122f));
  const V y = v * s;
  derivative = fma(y * slope, e * s, s);  // e·s = 1 - s without cancellation
  return y;
}

}  // namespace pcd::cpu::PCD_ISA

#endif
