// SPDX-License-Identifier: Apache-2.0
//
// Layer norm and GELU on rows. A row passes through registers twice: once for its statistics, once for the result.
#include "cpu/norm.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr float kEpsilon = 1e-5f;

// Calls f(i, left) for every vector of a row: i its first channel, left how many of its lanes exist.
template <class F>
PCD_INLINE void each_vector(int64_t c, F&& f) {
  int64_t i = 0;
  for (; i + W <= c; i += W) f(i, int64_t{W});
  if (i < c) f(i, c - i);
}

PCD_INLINE vf get(const float* p, int64_t left) { return left == W ? load(p) : load_partial(p, left); }
PCD_INLINE void put(float* p, vf x, int64_t left) {
  if (left == W) {
    store(p, x);
  } else {
    store_partial(p, x, left);
  }
}

struct Statistics {
  float mean;
  float scale;  // 1 / sqrt(variance + eps)
};

PCD_INLINE Statistics statistics_of(const float* x, int64_t c) {
  vf total = zero();
  each_vector(c, [&](int64_t i, int64_t left) { total += get(x + i, left); });
  const float inverse = 1.0f / static_cast<float>(c);
  const float mean = sum(total) * inverse;
  vf squares = zero();
  each_vector(c, [&](int64_t i, int64_t left) {
    vf d = get(x + i, left) - mean;
    if (left != W) d = keep_first(d, left);
    squares = fma(d, d, squares);
  });
  return {mean, 1.0f / __builtin_sqrtf(sum(squares) * inverse + kEpsilon)};
}

template <bool with_gelu>
PCD_INLINE void forward(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics, float* out) {
  for (int64_t t = 0; t < rows; ++t, x += c, out += c) {
    const Statistics s = statistics_of(x, c);
    if (statistics != nullptr) {
      statistics[2 * t] = s.mean;
      statistics[2 * t + 1] = s.scale;
    }
    each_vector(c, [&](int64_t i, int64_t left) {
      const vf normal = (get(x + i, left) - s.mean) * s.scale;
      const vf y = fma(normal, get(affine.gain + i, left), get(affine.shift + i, left));
      put(out + i, with_gelu ? gelu(y) : y, left);
    });
  }
}

template <bool with_gelu>
PCD_INLINE void backward(const float* x, const float* statistics, const float* dy, int64_t rows, int64_t c,
                         const Affine& affine, const AffineSums& sums, float* y, float* dx) {
  const float inverse = 1.0f / static_cast<float>(c);
  for (int64_t t = 0; t < rows; ++t, x += c, dy += c, dx += c) {
    const float mean = statistics[2 * t];
    const float scale = statistics[2 * t + 1];
    // Gradient behind the affine map, its sum and its sum against the normalised row.
    vf total = zero();
    vf against = zero();
    each_vector(c, [&](int64_t i, int64_t left) {
      const vf gain = get(affine.gain + i, left);
      vf normal = (get(x + i, left) - mean) * scale;
      const vf value = fma(normal, gain, get(affine.shift + i, left));
      vf grad = get(dy + i, left);
      if constexpr (with_gelu) {
        vf derivative;
        const vf activated = gelu_with_derivative(value, derivative);
        grad *= derivative;
        put(dx + i, grad, left);  // kept for the second pass
        put(y + t * c + i, activated, left);
      } else if (y != nullptr) {
        put(y + t * c + i, value, left);
      }
      put(sums.gain + i, fma(grad, normal, get(sums.gain + i, left)), left);
      put(sums.shift + i, grad + get(sums.shift + i, left), left);
      const vf inner = grad * gain;  // 0 in lanes that do not exist, as the gain is
      total += inner;
      against = fma(inner, normal, against);
    });
    const float mean_inner = sum(total) * inverse;
    const float mean_against = sum(against) * inverse;
    each_vector(c, [&](int64_t i, int64_t left) {
      const vf normal = (get(x + i, left) - mean) * scale;
      const vf inner = get((with_gelu ? dx : dy) + i, left) * get(affine.gain + i, left);
      // In this order `inner` is rounded as it was in its sum, and a channel alone cancels exactly.
      const vf grad = (fma(normal, broadcast(-mean_against), inner) - mean_inner) * scale;
      if (sums.input != nullptr) put(sums.input + i, grad + get(sums.input + i, left), left);
      put(dx + i, grad, left);
    });
  }
}

}  // namespace

void norm_rows(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics, float* out) {
  forward<false>(x, rows, c, affine, statistics, out);
}

void norm_gelu_rows(const float* x, int64_t rows, int64_t c, const Affine& affine, float* statistics, float* out) {
  forward<true>(x, rows, c, affine, statistics, out);
}

void norm_rows_backward(const float* x, const float* statistics, const float* dy, int64_t rows, int64_t c,
                        const Affine& affine, const AffineSums& sums, float* y, float* dx) {
  backward<false>(x, statistics, dy, rows, c, affine, sums, y, dx);
}

void norm_gelu_rows_backward(const float* x, const float* statistics, const float* dy, int64_t rows, int64_t c,
                             const Affine& affine, const AffineSums& sums, float* y, float* dx) {
  backward<true>(x, statistics, dy, rows, c, affine, sums, y, dx);
}

}  // namespace pcd::cpu::PCD_ISA
