// SPDX-License-Identifier: Apache-2.0
//
// Layer norm and GELU on rows. Sums over channels depend on all of a row, everything else only on its
// element: statistics come first for a block of rows, four rows at a time, then the elements follow without
// waiting for each other.
#include "cpu/norm.h"

#include <type_traits>

#include "cpu/bf16.h"

namespace pcd::cpu::PCD_ISA {
namespace {

enum class Gelu { none, exact, quick };

template <class S>
constexpr Gelu gelu_for = std::is_same_v<S, float> ? Gelu::exact : Gelu::quick;

constexpr float kEpsilon = 1e-5f;
constexpr int64_t block_rows = 64;  // rows whose sums are kept at a time
constexpr int group = 4;            // rows that share one reduction

// Calls f.template operator()<rows>(t) for groups of four rows, then once for what is left.
template <class F>
PCD_INLINE void each_group(int64_t rows, F&& f) {
  int64_t t = 0;
  for (; t + group <= rows; t += group) f(Index<group>(), t);
  if (rows - t == 1) f(Index<1>(), t);
  if (rows - t == 2) f(Index<2>(), t);
  if (rows - t == 3) f(Index<3>(), t);
}

PCD_INLINE vf get(const float* p, int64_t left) { return left == W ? load(p) : load_partial(p, left); }
PCD_INLINE void put(float* p, vf x, int64_t left) {
  if (left == W) {
    store(p, x);
  } else {
    store_partial(p, x, left);
  }
}

// The same of R rows c apart.
template <int R>
PCD_INLINE Wide<R> get(const float* p, int64_t c, int64_t left) {
  Wide<R> x;
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA { x.v[r.value] = get(p + r.value * c, left); });
  return x;
}
template <int R>
PCD_INLINE void put(float* p, int64_t c, const Wide<R>& x, int64_t left) {
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA { put(p + r.value * c, x.v[r.value], left); });
}

// Statistics of R rows in two steps: the mean, then from it the reciprocal deviation.
template <int R>
PCD_INLINE void row_means(const float* x, int64_t c, float* statistics) {
  vf total[group] = {};
  each_vector(c, [&](int64_t i, int64_t left) PCD_INLINE_LAMBDA {
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA { total[r.value] += get(x + r.value * c + i, left); });
  });
  const v4 mean = sum4(total[0], total[1], total[2], total[3]) * (1.0f / static_cast<float>(c));
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA { statistics[2 * r.value] = mean[r.value]; });
}

template <int R>
PCD_INLINE void row_scales(const float* x, int64_t c, float* statistics) {
  vf squares[group] = {};
  each_vector(c, [&](int64_t i, int64_t left) PCD_INLINE_LAMBDA {
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      vf d = get(x + r.value * c + i, left) - statistics[2 * r.value];
      if (left != W) d = keep_first(d, left);
      squares[r.value] = fma(d, d, squares[r.value]);
    });
  });
  const v4 variance = sum4(squares[0], squares[1], squares[2], squares[3]) * (1.0f / static_cast<float>(c));
  const v4 scale = 1.0f / sqrt4(variance + kEpsilon);
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA { statistics[2 * r.value + 1] = scale[r.value]; });
}

template <Gelu form>
PCD_INLINE void forward(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics,
                        float* out) {
  float local[2 * block_rows];
  for (int64_t first = 0; first < rows; first += block_rows) {
    const int64_t here = rows - first < block_rows ? rows - first : block_rows;
    float* s = statistics == nullptr ? local : statistics + 2 * first;
    const float* from = x + first * c;
    float* to = out + first * c;
    each_group(here,
               [&](auto r, int64_t t) PCD_INLINE_LAMBDA { row_means<r.value>(from + t * c, c, s + 2 * t); });
    each_group(here,
               [&](auto r, int64_t t) PCD_INLINE_LAMBDA { row_scales<r.value>(from + t * c, c, s + 2 * t); });
    each_group(here, [&](auto r, int64_t t) PCD_INLINE_LAMBDA {
      constexpr int R = r.value;
      Wide<R> mean;
      Wide<R> scale;
      unrolled<R>([&](auto k) PCD_INLINE_LAMBDA {
        mean.v[k.value] = broadcast(s[2 * (t + k.value)]);
        scale.v[k.value] = broadcast(s[2 * (t + k.value) + 1]);
      });
      each_vector(c, [&](int64_t i, int64_t left) PCD_INLINE_LAMBDA {
        const Wide<R> normal = (get<R>(from + t * c + i, c, left) - mean) * scale;
        const Wide<R> y = fma(normal, get(affine.gain + i, left), get(affine.shift + i, left));
        if constexpr (form != Gelu::none) {
          put(to + t * c + i, c, gelu<form == Gelu::quick>(y), left);
        } else {
          put(to + t * c + i, c, y, left);
        }
      });
    });
  }
}

// First pass over R rows: y, inner = gradient · gain (left in dx) and the sums over rows.
template <Gelu form, int R>
PCD_INLINE void backward_elements(const float* x, const float* statistics, const float* dy, int64_t c,
                                  const Affine& affine, const AffineSums& sums, float* y, float* dx) {
  each_vector(c, [&](int64_t i, int64_t left) PCD_INLINE_LAMBDA {
    const vf gain = get(affine.gain + i, left);
    Wide<R> normal = get<R>(x + i, c, left);
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      normal.v[r.value] = (normal.v[r.value] - statistics[2 * r.value]) * statistics[2 * r.value + 1];
    });
    const Wide<R> value = fma(normal, gain, get(affine.shift + i, left));
    Wide<R> grad = get<R>(dy + i, c, left);
    if constexpr (form != Gelu::none) {
      Wide<R> derivative;
      put(y + i, c, gelu_with_derivative<form == Gelu::quick>(value, derivative), left);
      grad = grad * derivative;
    } else if (y != nullptr) {
      put(y + i, c, value, left);
    }
    put(dx + i, c, grad * gain, left);
    vf gain_sum = get(sums.gain + i, left);
    vf shift_sum = get(sums.shift + i, left);
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      gain_sum = fma(grad.v[r.value], normal.v[r.value], gain_sum);
      shift_sum += grad.v[r.value];
    });
    put(sums.gain + i, gain_sum, left);
    put(sums.shift + i, shift_sum, left);
  });
}

// For each of R rows the means over channels of inner and of inner · normal.
template <int R>
PCD_INLINE void backward_means(const float* x, const float* statistics, const float* inner, int64_t c,
                               float* means) {
  vf total[group] = {};
  vf against[group] = {};
  each_vector(c, [&](int64_t i, int64_t left) PCD_INLINE_LAMBDA {
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      const vf value = get(inner + r.value * c + i, left);  // 0 in lanes that do not exist
      total[r.value] += value;
      against[r.value] =
          fma(value, get(x + r.value * c + i, left) - statistics[2 * r.value], against[r.value]);
    });
  });
  const float inverse = 1.0f / static_cast<float>(c);
  const v4 mean_inner = sum4(total[0], total[1], total[2], total[3]) * inverse;
  const v4 mean_against = sum4(against[0], against[1], against[2], against[3]) * inverse;
  unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
    means[2 * r.value] = mean_inner[r.value];
    means[2 * r.value + 1] = mean_against[r.value] * statistics[2 * r.value + 1];
  });
}

// Last pass over R rows: dx from inner, which it holds, and the means.
template <int R>
PCD_INLINE void backward_input(const float* x, const float* statistics, const float* means, int64_t c,
                               float* sum_of_dx, float* dx) {
  each_vector(c, [&](int64_t i, int64_t left) PCD_INLINE_LAMBDA {
    vf total = sum_of_dx == nullptr ? zero() : get(sum_of_dx + i, left);
    unrolled<R>([&](auto r) PCD_INLINE_LAMBDA {
      const int64_t at = r.value * c + i;
      const float scale = statistics[2 * r.value + 1];
      const vf normal = (get(x + at, left) - statistics[2 * r.value]) * scale;
      // In this order a channel alone cancels exactly.
      const vf result =
          (fma(normal, broadcast(-means[2 * r.value + 1]), get(dx + at, left)) - means[2 * r.value]) * scale;
      total += result;
      put(dx + at, result, left);
    });
    if (sum_of_dx != nullptr) put(sum_of_dx + i, total, left);
  });
}

template <Gelu form>
PCD_INLINE void backward(const float* x, const float* statistics, const float* dy, int64_t rows, int64_t c,
                         const Affine& affine, const AffineSums& sums, float* y, float* dx) {
  float means[2 * block_rows];
  for (int64_t first = 0; first < rows; first += block_rows) {
    const int64_t here = rows - first < block_rows ? rows - first : block_rows;
    const int64_t at = first * c;
    const float* s = statistics + 2 * first;
    each_group(here, [&](auto r, int64_t t) PCD_INLINE_LAMBDA {
      backward_elements<form, r.value>(x + at + t * c, s + 2 * t, dy + at + t * c, c, affine, sums,
                                            y == nullptr ? nullptr : y + at + t * c, dx + at + t * c);
    });
    each_group(here, [&](auto r, int64_t t) PCD_INLINE_LAMBDA {
      backward_means<r.value>(x + at + t * c, s + 2 * t, dx + at + t * c, c, means + 2 * t);
    });
    each_group(here, [&](auto r, int64_t t) PCD_INLINE_LAMBDA {
      backward_input<r.value>(x + at + t * c, s + 2 * t, means + 2 * t, c, sums.input, dx + at + t * c);
    });
  }
}

}  // namespace

void norm_rows(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics, float* out) {
  forward<Gelu::none>(x, rows, c, affine, statistics, out);
}

template <class S>
void norm_gelu_rows(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics,
                    float* out) {
  forward<gelu_for<S>>(x, rows, c, affine, statistics, out);
}

void norm_rows_backward(const float* x, const float* statistics, const float* dy, int64_t rows, int64_t c,
                        const Affine& affine, const AffineSums& sums, float* y, float* dx) {
  backward<Gelu::none>(x, statistics, dy, rows, c, affine, sums, y, dx);
}

template <class S>
void norm_gelu_rows_backward(const float* x, const float* statistics, const float* dy, int64_t rows,
                             int64_t c, const Affine& affine, const AffineSums& sums, float* y, float* dx) {
  backward<gelu_for<S>>(x, statistics, dy, rows, c, affine, sums, y, dx);
}

template void norm_gelu_rows<float>(const float*, int64_t, int64_t, const Affine&, float*, float*);
template void norm_gelu_rows<Bf16>(const float*, int64_t, int64_t, const Affine&, float*, float*);
template void norm_gelu_rows_backward<float>(const float*, const float*, const float*, int64_t, int64_t,
                                             const Affine&, const AffineSums&, float*, float*);
template void norm_gelu_rows_backward<Bf16>(const float*, const float*, const float*, int64_t, int64_t,
                                            const Affine&, const AffineSums&, float*, float*);

}  // namespace pcd::cpu::PCD_ISA
