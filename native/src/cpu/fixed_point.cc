// SPDX-License-Identifier: Apache-2.0
//
// From floats to fixed point, rounding to nearest.
#include "cpu/fixed_point.h"

#include "cpu/gemm.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

typedef int16_t halves __attribute__((vector_size(W * 2)));
typedef int16_t halves_unaligned __attribute__((vector_size(W * 2), aligned(2), may_alias));

// W stored values, or the first `left` of them and zeros.
PCD_INLINE vf load_stored(const float* x, int64_t left) { return left == W ? load(x) : load_partial(x, left); }
PCD_INLINE vf load_stored(const Bf16* x, int64_t left) {
  if (left == W) return load_upper(x);
  Bf16 some[W]{};
  for (int64_t i = 0; i < left; ++i) some[i] = x[i];
  return load_upper(some);
}

template <class S>
PCD_INLINE vi quantise(const S* x, int64_t left, float inverse) {
  return round_to_int(load_stored(x, left) * inverse);
}

PCD_INLINE vi pair_of(vi first, vi second) { return (first & 0xffff) | (second << 16); }

// The first `left` pairs of a vector.
PCD_INLINE void store_pairs(int16_t* to, vi pairs, int64_t left) {
  float* lanes = reinterpret_cast<float*>(to);
  if (left == W) {
    store(lanes, from_bits(pairs));
  } else {
    store_partial(lanes, from_bits(pairs), left);
  }
}

// `left` channels of a row, and the zero that makes their number even.
PCD_INLINE void store_row(int16_t* to, vi values, int64_t left) {
  if (left == W) {
    *reinterpret_cast<halves_unaligned*>(to) = __builtin_convertvector(values, halves);
  } else {
    const halves narrow = __builtin_convertvector(values, halves);
    std::memcpy(to, &narrow, static_cast<size_t>(even(left)) * sizeof(int16_t));
  }
}

}  // namespace

template <class S>
float largest_magnitude(const S* x, int64_t n) {
  // As integers the magnitudes of floats are in the same order, with what is not a number above all.
  constexpr int chains = 4;
  vi most[chains] = {};
  const auto join = [&](vi& so_far, vf next) PCD_INLINE_LAMBDA {
    so_far = max(so_far, bits(next) & 0x7fffffff);
  };
  int64_t i = 0;
  for (; i + chains * W <= n; i += chains * W) {
    unrolled<chains>([&](auto k) PCD_INLINE_LAMBDA { join(most[k.value], load_stored(x + i + k.value * W, W)); });
  }
  each_vector(n - i, [&](int64_t k, int64_t left) PCD_INLINE_LAMBDA {
    join(most[0], load_stored(x + i + k, left));
  });
  unrolled<chains>([&](auto k) PCD_INLINE_LAMBDA { join(most[0], from_bits(most[k.value])); });
  const int32_t magnitude = largest(most[0]);
  float value;
  std::memcpy(&value, &magnitude, sizeof value);
  return value;
}

void quantise_rows(const float* x, int64_t rows, int64_t c, const FixedScale& scale, int16_t* q, int16_t* pairs) {
  const int64_t stride = even(c);
  const float inverse = scale.inverse;
  for (int64_t t = 0; t < rows; t += 2, x += 2 * c, q += 2 * stride) {
    const bool both = t + 1 < rows;
    int16_t* pair = pairs == nullptr ? nullptr : pairs + t * c;
    int64_t i = 0;
    for (; both && i + 2 * W <= c; i += 2 * W) {
      const float* a = x + i;
      const float* b = x + c + i;
      const vi a0 = quantise(a, W, inverse);
      const vi a1 = quantise(a + W, W, inverse);
      const vi b0 = quantise(b, W, inverse);
      const vi b1 = quantise(b + W, W, inverse);
      store_halves(q + i, a0, a1);
      store_halves(q + stride + i, b0, b1);
      if (pair == nullptr) continue;
      store_pairs(pair + 2 * i, pair_of(a0, b0), W);
      store_pairs(pair + 2 * i + 2 * W, pair_of(a1, b1), W);
    }
    for (; i < c; i += W) {
      const int64_t left = least(W, c - i);
      const vi a = quantise(x + i, left, inverse);
      const vi b = both ? quantise(x + c + i, left, inverse) : vi{};
      store_row(q + i, a, left);
      if (both) store_row(q + stride + i, b, left);
      if (pair != nullptr) store_pairs(pair + 2 * i, pair_of(a, b), left);
    }
  }
}

template <class S>
void quantise_pairs(const S* x, int64_t rows, int64_t c, const FixedScale& scale, bool late, int16_t* pairs) {
  for (int64_t first = late ? -1 : 0; first < rows; first += 2, pairs += 2 * c) {
    const S* a = x + first * c;
    // A row that does not exist is read as its neighbour and counts as 0.
    const bool before = first < 0;
    const bool behind = first + 1 == rows;
    const S* a_row = before ? a + c : a;
    const S* b_row = behind ? a : a + c;
    const float a_inverse = before ? 0.0f : scale.inverse;
    const float b_inverse = behind ? 0.0f : scale.inverse;
    each_vector(c, [&](int64_t i, int64_t left) PCD_INLINE_LAMBDA {
      const vi pair = pair_of(quantise(a_row + i, left, a_inverse), quantise(b_row + i, left, b_inverse));
      store_pairs(pairs + 2 * i, pair, left);
    });
  }
}

template float largest_magnitude(const float*, int64_t);
template float largest_magnitude(const Bf16*, int64_t);
template void quantise_pairs(const float*, int64_t, int64_t, const FixedScale&, bool, int16_t*);
template void quantise_pairs(const Bf16*, int64_t, int64_t, const FixedScale&, bool, int16_t*);

void pack_fixed_row(const float* source, int64_t stride, int64_t k, int64_t k_total, int64_t columns,
                    const FixedScale& scale, int16_t* packed) {
  for (int64_t column = 0; column < columns; column += panel_columns) {
    int16_t* to = packed + column * k_total + k / 2 * 2 * panel_columns + k % 2;
    const int64_t here = source == nullptr ? 0 : least(panel_columns, columns - column);
    for (int64_t j = 0; j < here; ++j) {
      to[2 * j] = static_cast<int16_t>(__builtin_lrintf(source[(column + j) * stride] * scale.inverse));
    }
    for (int64_t j = here; j < panel_columns; ++j) to[2 * j] = 0;
  }
}

}  // namespace pcd::cpu::PCD_ISA
